using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Shows where in images a network sees a class; see <see cref="GradCamCatalog"/>.</summary>
/// <remarks>
/// It can be used from several threads, is saved and loaded by <c>mlContext.Model</c>, and has a network of its own; dispose it to
/// free that. An image is there until the next row is read, which disposes it, as those of ResizeImages are. Where the model skips
/// bad images, a row with one has no image.
/// </remarks>
public sealed class GradCamTransformer : ITransformer, IDisposable
{
    // What the network gives for an image: the class that is shown, then the heat of each pixel.
    private const int ClassValues = 1;

    private readonly ModelDefinition _definition;
    private readonly NetworkWeights _weights;
    private readonly GradCamOptions _options;
    private readonly IHostEnvironment? _environment;
    private readonly Scorer _scorer;

    internal GradCamTransformer(
        string outputColumnName, ModelDefinition definition, NetworkWeights weights, ComputeTarget target, GradCamOptions options,
        IHostEnvironment? environment, ClassificationNetwork? network = null)
    {
        OutputColumnName = outputColumnName;
        (_definition, _weights, _options, _environment) = (definition, weights, options, environment);
        int? classIndex = options.ClassIndexIn(definition);
        int size = ClassValues + definition.Layout.Shape.Height * definition.Layout.Shape.Width;
        _scorer = new Scorer(
            definition, weights, target, network,
            new NetworkOutput(GetType(), "explanations", size, (scoring, images) => ClassAndHeat(scoring, images, classIndex)));
    }

    /// <summary>The column it makes: images of the size that the network takes.</summary>
    public string OutputColumnName { get; }

    /// <summary>The column it reads.</summary>
    public string InputColumnName => _definition.FeatureColumnName;

    bool ITransformer.IsRowToRowMapper => true;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The schema has no column of such images.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Bind(inputSchema).OutputSchema;

    /// <summary>Adds the images, computed as the rows are read, many at a time.</summary>
    /// <param name="input">Rows with the column of images.</param>
    /// <exception cref="InvalidOperationException">The data has no column of such images.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new BatchScoringView(input, Bind(input.Schema));
    }

    /// <summary>
    /// Writes the images as PNG files. A name has the number of the row, from 1, the class that is shown and, where a column tells the
    /// image's path, the name of its file: <c>0001-roses-photo.png</c>. Files of the same name are replaced.
    /// </summary>
    /// <param name="input">Rows with the column of images.</param>
    /// <param name="folder">The folder to write to; it is made where there is none.</param>
    /// <returns>The paths of the files in the order of the rows, without those of images that were skipped.</returns>
    /// <exception cref="InvalidOperationException">The data has no column of such images, or a row's image cannot be used.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public IReadOnlyList<string> SaveImages(IDataView input, string folder)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var view = Transform(input);
        var image = view.Schema[OutputColumnName];
        var path = ImagePathColumn.Find(input.Schema);
        Directory.CreateDirectory(folder);
        var written = new List<string>();
        using var cursor = view.GetRowCursor(path is { } column ? [image, column] : [image]);
        var files = new HeatMapFiles(folder, GradCamOptions.NamesOf(_definition));
        var row = (IScoredRow)cursor;
        var getImage = cursor.GetGetter<MLImage>(image);
        var getPath = path is { } text ? cursor.GetGetter<ReadOnlyMemory<char>>(text) : null;
        while (cursor.MoveNext())
        {
            if (float.IsNaN(row.Values[0]))
                continue;
            ReadOnlyMemory<char> source = default;
            getPath?.Invoke(ref source);
            MLImage drawn = null!;
            getImage(ref drawn);
            using (drawn)
                written.Add(files.Write(drawn, cursor.Position, (int)row.Values[0], source.ToString()));
        }
        return written;
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => _scorer.Dispose();

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Bind(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => GradCamFiles.Save(ctx, this);

    internal static void AddColumns(DataViewSchema.Builder schema, string outputColumnName, GradCamOptions options, ImageShape shape)
    {
        schema.AddColumn(outputColumnName, new ImageDataViewType(shape.Height, shape.Width));
        if (options.HeatColumnName is { } heat)
            schema.AddColumn(heat, new VectorDataViewType(NumberDataViewType.Single, shape.Height, shape.Width));
    }

    internal void Write(BinaryWriter writer)
    {
        CheckedBlock.Write(writer, block =>
        {
            block.Write(OutputColumnName);
            _options.Write(block);
        });
        ModelPayload.Write(writer, _definition, _weights);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    internal static GradCamTransformer Read(BinaryReader reader, IHostEnvironment environment)
    {
        var (output, options) = CheckedBlock.Read(
            reader, "the explanation of images", block => (block.ReadString(), GradCamOptions.Read(block)));
        var (definition, weights) = ModelPayload.Read(reader);
        try
        {
            options.Validate();
            options.ClassIndexIn(definition);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
        return new GradCamTransformer(
            output, definition, weights, ModelFiles.TargetOf(definition, environment), options, environment, definition.BuildNetwork(weights));
    }

    private static Tensor ClassAndHeat(InferenceNetwork network, Tensor images, int? classIndex)
    {
        var (classes, heat) = network.HeatMaps(images, classIndex);
        return cat([classes.to_type(ScalarType.Float32).unsqueeze(1), heat.flatten(1)], 1);
    }

    private Mapper Bind(DataViewSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var source = schema.Required(InputColumnName, "images");
        var output = new DataViewSchema.Builder();
        output.AddColumns(schema);
        AddColumns(output, OutputColumnName, _options, _definition.Layout.Shape);
        return new Mapper(schema, output.ToSchema(), source, _definition, _scorer, _options, _environment);
    }

    private sealed class Mapper(
        DataViewSchema input, DataViewSchema output, DataViewSchema.Column source, ModelDefinition model, Scorer scorer,
        GradCamOptions options, IHostEnvironment? environment) : NetworkMapper(input, output, source, model, scorer, environment)
    {
        public override Delegate[] Getters(IScoredRow row)
        {
            ValueGetter<MLImage> image = (ref MLImage value) =>
            {
                // What the reader hands back is the image of the row before.
                value?.Dispose();
                value = float.IsNaN(row.Values[0])
                    ? null!
                    : HeatMapOverlay.Draw(row.Image, Layout, row.Values[ClassValues..], options.Opacity);
            };
            return options.HeatColumnName is null ? [image] : [image, VectorGetter(row, ClassValues)];
        }
    }
}
