using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>Gives images the features of a network; see <see cref="FeaturizeImagesCatalog"/>.</summary>
/// <remarks>
/// It can be used from several threads, is saved and loaded by <c>mlContext.Model</c>, and has a network of its own; dispose it to
/// free that.
/// </remarks>
public sealed class FeaturizeImagesTransformer : ITransformer, IDisposable
{
    private readonly ModelDefinition _definition;
    private readonly NetworkWeights _weights;
    private readonly IHostEnvironment? _environment;
    private readonly Scorer _scorer;

    internal FeaturizeImagesTransformer(
        string outputColumnName, ModelDefinition definition, NetworkWeights weights, ComputeTarget target, IHostEnvironment? environment)
    {
        OutputColumnName = outputColumnName;
        (_definition, _weights, _environment) = (definition, weights, environment);
        var network = definition.BuildNetwork(weights);
        FeatureCount = (int)network.Classifier.Weight.shape[1];
        _scorer = new Scorer(
            definition, weights, target, network,
            new NetworkOutput(GetType(), "features", FeatureCount, (scoring, images) => scoring.Features(images)));
    }

    /// <summary>The column it makes: a vector of Single.</summary>
    public string OutputColumnName { get; }

    /// <summary>The column it reads.</summary>
    public string InputColumnName => _definition.FeatureColumnName;

    /// <summary>The length of the vector: 512 for ResNet-18 and 34, 2048 for the larger ones.</summary>
    public int FeatureCount { get; }

    /// <summary>The network, in its family's words.</summary>
    public string Architecture => _definition.Architecture;

    /// <summary>The size of the images it takes.</summary>
    public ImageShape ImageShape => _definition.Layout.Shape;

    bool ITransformer.IsRowToRowMapper => true;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The schema has no column of such images.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    /// <summary>Adds the features, computed as the rows are read, many at a time.</summary>
    /// <param name="input">Rows with the column of images.</param>
    /// <exception cref="InvalidOperationException">The data has no column of such images.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new BatchScoringView(input, Bind(input.Schema));
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => _scorer.Dispose();

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Bind(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => FeaturizeImagesFiles.Save(ctx, this);

    internal void Write(BinaryWriter writer)
    {
        CheckedBlock.Write(writer, block => block.Write(OutputColumnName));
        ModelPayload.Write(writer, _definition, _weights);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    internal static FeaturizeImagesTransformer Read(BinaryReader reader, IHostEnvironment environment)
    {
        string output = CheckedBlock.Read(reader, "the featurizing of images", block => block.ReadString());
        var (definition, weights) = ModelPayload.Read(reader);
        return new FeaturizeImagesTransformer(output, definition, weights, ModelFiles.TargetOf(definition, environment), environment);
    }

    private Mapper Bind(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var source = schema.Required(InputColumnName, "images");
        var output = new DataViewSchema.Builder();
        output.AddColumns(schema);
        output.AddColumn(OutputColumnName, new VectorDataViewType(NumberDataViewType.Single, FeatureCount));
        return new Mapper(schema, output.ToSchema(), source, _definition, _scorer, _environment);
    }

    private sealed class Mapper(
        DataViewSchema input, DataViewSchema output, DataViewSchema.Column source, ModelDefinition model, Scorer scorer,
        IHostEnvironment? environment) : NetworkMapper(input, output, source, model, scorer, environment)
    {
        protected override string Skipping => "FeaturizeImages, or a model trained, with";

        public override bool CanWriteOnnx => true;

        public override void WriteOnnx(OnnxGraph graph, string input, IReadOnlyList<string> outputs) =>
            OnnxModel.WriteFeatures(graph, Model, Scorer.Weights, graph.Images(input, Layout, reshape: true), outputs[0]);

        public override Delegate[] Getters(IScoredRow row) => [VectorGetter(row)];
    }
}
