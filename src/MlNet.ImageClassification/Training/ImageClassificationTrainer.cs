using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// The estimator that all network families share: it trains a whole convolutional network, from its first layer to its
/// last, on the rows of a pipeline.
/// </summary>
/// <remarks>
/// <para>Input columns: the features (a vector of Single or Byte with dimensions [channels, height, width] or [height, width,
/// channels], or images of one size) and the label (a key; its key count is the number of classes; rows whose label is
/// missing are left out). Output columns: Score (the probability of each class) and PredictedLabel (the key of the most
/// probable one).</para>
/// <para>An estimator keeps no state between calls of <see cref="Fit"/>.</para>
/// </remarks>
/// <typeparam name="TOptions">The family's options.</typeparam>
public abstract class ImageClassificationTrainer<TOptions> : IEstimator<ImageClassificationTransformer>
    where TOptions : ImageClassificationOptions
{
    // LibTorch throws no exception of its own kind for this: CUDA's words, and those of the CPU allocator on Linux and Windows.
    private static readonly string[] OutOfMemoryMessages = ["out of memory", "can't allocate memory", "not enough memory"];

    private readonly TOptions _options;
    private readonly IHostEnvironment? _environment;

    /// <summary>Checks and copies the options.</summary>
    /// <param name="options">How to train.</param>
    /// <param name="environment">An MLContext, or the one behind a catalog: it receives the log, and its seed and its
    /// <see cref="MLContext.GpuDeviceId"/> are used where the options leave them open. Null for neither: the log then goes to
    /// <see cref="System.Diagnostics.Trace"/>.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    protected ImageClassificationTrainer(TOptions options, IHostEnvironment? environment)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = (TOptions)options.Copy();
        _environment = environment;
    }

    /// <summary>The environment of a catalog, for an extension method that makes a trainer.</summary>
    /// <param name="catalog">The catalog, <c>mlContext.MulticlassClassification.Trainers</c>.</param>
    internal static IHostEnvironment EnvironmentOf(MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog) =>
        CatalogEnvironment.Of(catalog);

    /// <summary>The copied options, for the family to build its network from.</summary>
    protected TOptions TrainerOptions => _options;

    /// <summary>Builds the network to train, on the CPU, its weights initialized.</summary>
    /// <param name="input">The size of the images.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="seed">Seeds the weights.</param>
    /// <returns>A network that the trainer disposes.</returns>
    /// <exception cref="ArgumentException">The network cannot take such images.</exception>
    internal abstract ClassificationNetwork CreateNetwork(ImageShape input, int classCount, int seed);

    /// <summary>Trains a network on the rows of a data view.</summary>
    /// <param name="input">Rows with the feature and the label column.</param>
    /// <returns>A transformer that scores images; dispose it to free the network.</returns>
    /// <exception cref="InvalidOperationException">The columns or rows cannot be trained on, or the training diverged; the
    /// message says what to do.</exception>
    /// <exception cref="InvalidDataException">The file of <see cref="ImageClassificationOptions.InitialWeights"/> or
    /// <see cref="ImageClassificationOptions.InitialWeightsPath"/> is damaged or holds the weights of another network.</exception>
    /// <exception cref="HttpRequestException"><see cref="ImageClassificationOptions.InitialWeights"/> are not in the cache and
    /// cannot be downloaded.</exception>
    /// <exception cref="OperationCanceledException">Canceled before the first epoch ended, or with
    /// <see cref="ImageClassificationOptions.OnCancellation"/> as <see cref="CancellationPolicy.Throw"/>.</exception>
    public ImageClassificationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var log = new TrainingLog(_environment);
        _options.CancellationToken.ThrowIfCancellationRequested();
        LibTorch.Load();
        var target = ComputeTarget.Resolve(GpuChoice.Apply(_options.Device, _environment, log), _options.Precision);
        using var store = _options.WorkspacePath is { } folder ? CheckpointStore.Open(folder, _options.CheckpointsKept, log) : null;
        var options = _options.Copy();
        using var weights = OpenInitialWeights(log);
        options.WeightsNormalization = weights?.Normalization;
        options.Seed ??= ContextSeed.Of(_environment) ?? store?.SavedSeed ?? Random.Shared.Next();
        var data = TrainingData.Load(input, options, log);
        int batchSize = options.BatchSizeFor(data.Layout.Shape);
        if (batchSize > data.Training.Count)
            log.Warning(
                $"{nameof(options.BatchSize)} is {batchSize}, but there are only {data.Training.Count} rows; " +
                "each epoch is one step of all of them.");
        try
        {
            return Train(data, options, batchSize, weights, target, store, log);
        }
        catch (Exception e) when (IsOutOfMemory(e))
        {
            throw new InvalidOperationException(
                $"Out of memory on {target} with {nameof(options.BatchSize)} {batchSize}. " +
                $"Try {nameof(options.BatchSize)} {Math.Max(2, batchSize / 2)} or less, or smaller images.", e);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The features or the label are missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return OutputShape.Of(inputSchema, _options);
    }

    private ImageClassificationTransformer Train(
        TrainingData data, ImageClassificationOptions options, int batchSize, WeightsFile? weights, ComputeTarget target,
        CheckpointStore? store, TrainingLog log)
    {
        NativeMemory.KeepFreedPages();
        using var scope = NewDisposeScope();
        using var network = CreateNetwork(data.Layout.Shape, data.ClassCount, options.Seed!.Value);
        var initialWeights = weights is null ? null : ReadInitialWeights(weights, network, log);
        network.to(target.Device);
        log.Info(
            $"Training {network.Architecture} on {data.Training.Count} images of {data.Layout.Shape} in {data.ClassCount} " +
            $"classes, {batchSize} at a time, validating on {data.Validation?.Count ?? 0}, on {target}, seed {options.Seed}.");

        var normalization = options.NormalizationFor(data.Layout);
        if (weights?.Normalization is { } expected && options.Normalization is null && !data.Layout.IsBytes)
            log.Info(
                $"Column '{options.FeatureColumnName}' holds floats, which the model takes as they are. The initial weights expect " +
                $"pixels of 0 to 255 normalized by {expected}: do it in the pipeline, or set {nameof(options.Normalization)}.");
        var definition = new ModelDefinition(
            network.Family.AssemblyName, network.Family.Name, network.Architecture, data.Layout, normalization, data.ClassCount,
            KeyNames.Of(data.Label), options.FeatureColumnName, options.ScoreColumnName, options.PredictedLabelColumnName,
            options.Precision, options.LabelColumnName, options.BadImages);
        var (best, report) = options.Recipe.ClassifierOnly ? RunOnFeatures() : Run(network, data, definition, target, store);
        return new ImageClassificationTransformer(definition, best, target, _environment) { Report = report };

        (NetworkWeights, TrainingReport) Run(
            ClassificationNetwork trained, TrainingData rows, ModelDefinition model, ComputeTarget where, CheckpointStore? workspace)
        {
            using var run = new TrainingRun(trained, rows, options, batchSize, initialWeights, model, where, workspace, log);
            return run.Run();
        }

        // The classifier as a network of its own, put back when it is trained.
        (NetworkWeights, TrainingReport) RunOnFeatures()
        {
            long start = Stopwatch.GetTimestamp();
            var features = FeatureCache.Of(network, data, batchSize, normalization, target, options.CancellationToken);
            log.Info(FormattableString.Invariant(
                $"Computed the features of {data.Training.Count + (data.Validation?.Count ?? 0)} images in {Stopwatch.GetElapsedTime(start).TotalSeconds:f1} s."));
            using var head = HeadFamily.Of(network);
            head.to(target.Device);
            var (weights, report) = Run(
                head, features, definition with { Normalization = ChannelNormalization.None }, target with { Type = ScalarType.Float32 }, workspace: null);
            weights.CopyTo(head);
            network.Classifier.CopyFrom(head.Classifier);
            return (NetworkWeights.Of(network), report);
        }
    }

    private WeightsFile? OpenInitialWeights(TrainingLog log) =>
        _options.InitialWeights?.Open(log, _options.CancellationToken)
        ?? (_options.InitialWeightsPath is { } path ? WeightsFile.Open(path) : null);

    private InitialWeights ReadInitialWeights(WeightsFile file, ClassificationNetwork network, TrainingLog log)
    {
        var weights = InitialWeights.Read(file, network);
        log.Info($"Starting from the weights in '{_options.InitialWeights?.Name ?? _options.InitialWeightsPath}' ({weights.Identity}).");
        if (weights.ClassCount != network.ClassCount)
            log.Info(
                (file.HasClassifier ? $"Their classifier tells {weights.ClassCount} classes apart" : "They have no classifier") +
                $"; the one for {network.ClassCount} classes starts from random weights.");
        return weights;
    }

    private static bool IsOutOfMemory(Exception e) =>
        e is OutOfMemoryException
        || OutOfMemoryMessages.Any(message => e.Message.Contains(message, StringComparison.OrdinalIgnoreCase));
}
