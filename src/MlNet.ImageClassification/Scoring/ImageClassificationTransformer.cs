using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>
/// A trained network in a pipeline: adds the probability of each class (Score) and the most probable class (PredictedLabel)
/// to rows of images.
/// </summary>
/// <remarks>
/// It can be used from several threads. It is saved and loaded by <c>mlContext.Model</c>; a loaded one scores on the best
/// device of the machine it is loaded on. Dispose it to free the network; data views and prediction engines made from it can
/// no longer score then.
/// </remarks>
public sealed class ImageClassificationTransformer : ITransformer, IDisposable
{
    private readonly Scorer _scorer;

    internal ImageClassificationTransformer(
        ModelDefinition definition, NetworkWeights weights, ComputeDevice device, TrainingReport? report)
    {
        (Definition, Weights, Report) = (definition, weights, report);
        _scorer = new Scorer(definition, weights, device);
    }

    /// <summary>The names of the classes, in the order of the scores; empty when the label's keys stand for no values.</summary>
    public IReadOnlyList<string> ClassNames => Definition.Classes.Texts;

    /// <summary>The number of classes.</summary>
    public int ClassCount => Definition.ClassCount;

    /// <summary>The network, in its family's words.</summary>
    public string Architecture => Definition.Architecture;

    /// <summary>The size of the images it scores.</summary>
    public ImageShape ImageShape => Definition.Layout.Shape;

    /// <summary>The column it reads.</summary>
    public string FeatureColumnName => Definition.FeatureColumnName;

    /// <summary>How the training went; null for a transformer that was loaded.</summary>
    public TrainingReport? Report { get; }

    bool ITransformer.IsRowToRowMapper => true;

    internal ModelDefinition Definition { get; }

    internal NetworkWeights Weights { get; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The schema has no column of such images.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return Bind(inputSchema).OutputSchema;
    }

    /// <summary>
    /// Adds Score and PredictedLabel. Rows are scored as they are read, many at a time; nothing is computed for a reader that
    /// asks for neither.
    /// </summary>
    /// <param name="input">Rows with the feature column.</param>
    /// <exception cref="InvalidOperationException">The data has no column of such images.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new BatchScoringView(input, Bind(input.Schema), _scorer, Definition.ClassCount);
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => _scorer.Dispose();

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return Bind(inputSchema);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => ModelFiles.Save(ctx, this);

    private ScoreMapper Bind(DataViewSchema schema) => ScoreMapper.Bind(schema, Definition, _scorer);
}
