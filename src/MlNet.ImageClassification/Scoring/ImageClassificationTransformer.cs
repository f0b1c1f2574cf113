using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using TorchSharp;

namespace MlNet.ImageClassification;

/// <summary>
/// A trained network in a pipeline: adds the probability of each class (Score) and the most probable class (PredictedLabel)
/// to rows of images.
/// </summary>
/// <remarks>
/// It can be used from several threads. It is saved and loaded by <c>mlContext.Model</c>; a loaded one scores on
/// the device of <see cref="MLContext.GpuDeviceId"/> of the context that loads it, else on the best one of the machine. Dispose it to free the network; data views and prediction engines made from it can
/// no longer score then.
/// </remarks>
public sealed class ImageClassificationTransformer : ITransformer, IDisposable
{
    private readonly Scorer _scorer;
    private readonly IHostEnvironment? _environment;

    /// <param name="definition">What the model is.</param>
    /// <param name="weights">Its weights, for the file it may be saved to and for the network.</param>
    /// <param name="target">Where it scores.</param>
    /// <param name="environment">Receives the log; null for none.</param>
    /// <param name="network">The network with these weights where there is one already; taken over.</param>
    internal ImageClassificationTransformer(
        ModelDefinition definition, NetworkWeights weights, ComputeTarget target, IHostEnvironment? environment,
        ClassificationNetwork? network = null)
    {
        (Definition, Weights, _environment) = (definition, weights, environment);
        Target = target;
        _scorer = new Scorer(
            definition, weights, target, network,
            new NetworkOutput(GetType(), "scores", definition.ClassCount, (scoring, images) => TestTimeAugmentation.MeanProbabilities(scoring, images)));
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
    public TrainingReport? Report { get; internal init; }

    /// <summary>
    /// Of which views of an image the probabilities are averaged; saved with the model. A change is for all that is scored from then on,
    /// by the views and prediction engines that were made before too.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the names.</exception>
    public TestTimeAugmentation TestTimeAugmentation
    {
        get => Definition.TestTimeAugmentation;
        set
        {
            OptionRule.RequireDefined(value, nameof(TestTimeAugmentation));
            Definition = Definition with { TestTimeAugmentation = value };
        }
    }

    bool ITransformer.IsRowToRowMapper => true;

    internal ModelDefinition Definition { get; private set; }

    internal NetworkWeights Weights { get; }

    internal ComputeTarget Target { get; }

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
        WarnOfOtherClasses(input.Schema);
        return new BatchScoringView(input, Bind(input.Schema));
    }

    /// <summary>
    /// Writes the network's weights as a safetensors file, for PyTorch or for <see cref="ImageClassificationOptions.InitialWeightsPath"/>:
    /// float32 under the names that torchvision, or the authors of the network, give them. It is written beside and renamed.
    /// </summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveWeights(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var network = Definition.BuildNetwork(Weights);
        SafeTensorsFile.Write(path, network.state_dict().Select(
            entry => (entry.Key, network.ToPublished(entry.Key, entry.Value.detach()).contiguous())));
    }

    /// <summary>Frees the network.</summary>
    public void Dispose() => _scorer.Dispose();

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return Bind(inputSchema);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => ModelFiles.Save(ctx, this);

    private ScoreMapper Bind(DataViewSchema schema) => ScoreMapper.Bind(schema, Definition, _scorer, _environment);

    // Evaluate compares keys, not what they stand for: with other classes, or in another order, its figures mean nothing.
    private void WarnOfOtherClasses(DataViewSchema schema)
    {
        if (Definition.LabelColumnName is not { } name || schema.GetColumnOrNull(name) is not { Type: KeyDataViewType keys } label)
            return;
        var theirs = KeyNames.TryOf(label);
        bool cannotTell = theirs == KeyNames.None || Definition.Classes == KeyNames.None;
        if (keys.Count == (ulong)ClassCount && (cannotTell || Definition.Classes.Equals(theirs)))
            return;
        using var log = new TrainingLog(_environment);
        log.Warning(
            $"Label column '{name}' has {Describe(keys.Count, theirs)}, but the model has {Describe((ulong)ClassCount, Definition.Classes)}. " +
            "Evaluate compares keys and not what they stand for, so its figures would be wrong; map the labels with the MapValueToKey " +
            "that was fitted to the training data.");

        static string Describe(ulong count, KeyNames? names) =>
            Quantity.Of((long)count, "class") + (names is null || names == KeyNames.None ? "" : $" ({names.FirstFew()})");
    }
}
