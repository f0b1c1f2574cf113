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
    public ImageClassificationTransformer Fit(IDataView input) => Prepare(input, trains: true, Train);

    /// <summary>
    /// Finds a learning rate to train with: a network of its own, made as <see cref="Fit"/> makes it, takes one step after another with the
    /// recipe's optimizer, loss, augmentation and batch size, at a rate that rises from very low to too high. (Smith, Cyclical Learning
    /// Rates, arXiv 1506.01186, section 3.3.)
    /// </summary>
    /// <remarks>
    /// The trainer stays as it is, and no checkpoint is read or written. All layers learn from the first step on, whatever
    /// <see cref="TrainingRecipe.FrozenEpochs"/> is, on images of their full size; there is no warm-up and no schedule. The log tells how it
    /// goes.
    /// </remarks>
    /// <param name="input">Rows with the feature and the label column.</param>
    /// <param name="search">Which rates to try; null for the defaults.</param>
    /// <returns>The rates, what the network lost at each, and a suggestion.</returns>
    /// <exception cref="ArgumentException">A value of <paramref name="search"/> is unusable.</exception>
    /// <exception cref="InvalidOperationException">The columns or rows cannot be trained on.</exception>
    /// <exception cref="OperationCanceledException"><see cref="ImageClassificationOptions.CancellationToken"/> was canceled.</exception>
    public LearningRateSearchResult FindLearningRate(IDataView input, LearningRateSearch? search = null)
    {
        search ??= new LearningRateSearch();
        search.Validate();
        return Prepare(input, trains: false, setup =>
        {
            using var head = setup.Options.Recipe.ClassifierOnly ? HeadFamily.Of(setup.Network) : null;
            return new LearningRateFinder(head is null ? setup : OnFeatures(setup, head), search).Run();
        });
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The features or the label are missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return OutputShape.Of(inputSchema, _options);
    }

    /// <summary>Reads the rows and makes the network for something that learns.</summary>
    private T Prepare<T>(IDataView input, bool trains, Func<TrainingSetup, T> use)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var replicas = new Replicas(trains ? _options.ProcessGroup : null, _options.CancellationToken);
        using var log = new TrainingLog(_environment, isQuiet: !replicas.IsFirst);
        try
        {
            return Prepare(input, trains, use, replicas, log);
        }
        catch (Exception e) when (replicas.IsAlone(e))
        {
            replicas.Abandon(e);
            throw;
        }
    }

    private T Prepare<T>(IDataView input, bool trains, Func<TrainingSetup, T> use, Replicas replicas, TrainingLog log)
    {
        _options.CancellationToken.ThrowIfCancellationRequested();
        LibTorch.Load();
        var target = ComputeTarget.Resolve(GpuChoice.Apply(_options.Device, _environment, log), _options.Precision, _options.ProcessGroup?.LocalRank ?? 0);
        using var store = trains && replicas.IsFirst && _options.WorkspacePath is { } folder ? CheckpointStore.Open(folder, _options.CheckpointsKept, log) : null;
        using var events = trains && replicas.IsFirst && _options.LogDirectory is { } logs ? EventFile.Create(logs) : null;
        var options = _options.Copy();
        using var weights = OpenInitialWeights(log);
        options.WeightsNormalization = weights?.Normalization;
        var goesOnFrom = options.Resume == ResumeMode.Never ? null : store;
        options.Seed ??= ContextSeed.Of(_environment) ?? goesOnFrom?.SavedSeed ?? Random.Shared.Next();
        options.Seed = replicas.Share(options.Seed.Value);
        var data = TrainingData.Load(input, options, log);
        int batchSize = options.BatchSizeFor(data.Layout.Shape);
        if (batchSize > data.Training.Count)
            log.Warning(
                $"{nameof(options.BatchSize)} is {batchSize}, but there are only {data.Training.Count} rows; " +
                "each epoch is one step of all of them.");
        try
        {
            return WithNetwork(data, options, batchSize, weights, target, store, events, replicas, log, use);
        }
        catch (Exception e) when (OutOfMemory.Is(e))
        {
            throw OutOfMemory.WhileTraining(e, target, options, batchSize, data.Layout.Shape, store is { GoesOn: true } ? store.Folder : null);
        }
    }

    private T WithNetwork<T>(
        TrainingData data, ImageClassificationOptions options, int batchSize, WeightsFile? weights, ComputeTarget target,
        CheckpointStore? store, EventFile? events, Replicas replicas, TrainingLog log, Func<TrainingSetup, T> use)
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
        var model = new ModelDefinition(
            network.Family.AssemblyName, network.Family.Name, network.Architecture, data.Layout, normalization, data.ClassCount,
            KeyNames.Of(data.Label), options.FeatureColumnName, options.ScoreColumnName, options.PredictedLabelColumnName,
            options.Precision, options.LabelColumnName, options.BadImages, options.TestTimeAugmentation);
        return use(new TrainingSetup(network, data, options, batchSize, initialWeights, model, target, store, log) { Replicas = replicas, Events = events });
    }

    private ImageClassificationTransformer Train(TrainingSetup setup)
    {
        var (best, report) = setup.Options.Recipe.ClassifierOnly ? RunOnFeatures(setup) : Run(setup);
        return new ImageClassificationTransformer(setup.Model, best, setup.Target, _environment) { Report = report };
    }

    private static (NetworkWeights Weights, TrainingReport Report) Run(TrainingSetup setup)
    {
        using var run = new TrainingRun(setup);
        return run.Run();
    }

    // The classifier as a network of its own, put back when it is trained.
    private static (NetworkWeights Weights, TrainingReport Report) RunOnFeatures(TrainingSetup setup)
    {
        if (setup.Store is { } store)
            setup.Log.Info($"No checkpoints are written to '{store.Folder}', as {nameof(TrainingRecipe.ClassifierOnly)} trains in seconds.");
        using var head = HeadFamily.Of(setup.Network);
        var (weights, report) = Run(OnFeatures(setup, head));
        weights.CopyTo(head);
        setup.Network.Classifier.CopyFrom(head.Classifier);
        return (NetworkWeights.Of(setup.Network), report);
    }

    private static TrainingSetup OnFeatures(TrainingSetup setup, ClassificationNetwork head)
    {
        var (network, data, options, target) = (setup.Network, setup.Data, setup.Options, setup.Target);
        long start = Stopwatch.GetTimestamp();
        var features = FeatureCache.Of(network, data, options.ImagesAtOnce(setup.BatchSize), setup.Model.Normalization, target, options.CancellationToken);
        setup.Log.Info(FormattableString.Invariant(
            $"Computed the features of {data.Training.Count + (data.Validation?.Count ?? 0)} images in {Stopwatch.GetElapsedTime(start).TotalSeconds:f1} s."));
        head.to(target.Device);
        return setup with
        {
            Network = head,
            Data = features,
            Model = setup.Model with { Normalization = ChannelNormalization.None },
            Target = target with { Type = ScalarType.Float32 },
            Store = null,
        };
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
}
