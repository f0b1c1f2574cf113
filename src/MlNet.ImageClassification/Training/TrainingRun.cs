using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Puts the parts of one training together and runs it.</summary>
internal sealed class TrainingRun : IDisposable
{
    private const string ValidationRows = "validation rows";
    private const string RowContent = "content of the rows";
    private const string Seed = "seed";

    // The rows that a fraction holds out follow from all rows and the seed.
    private static readonly string[] ValidationFacts = [ValidationRows, RowContent, Seed];

    private readonly ImageClassificationOptions _options;
    private readonly TrainingData _data;
    private readonly CheckpointStore? _store;
    private readonly TrainingLog _log;
    private readonly double _learningRate;
    private readonly int _seed;
    private readonly Preprocessing _preprocessing;
    private readonly DataLoader _loader;
    private readonly Validation? _validation;
    private readonly OptimizerHelper _optimizer;
    private readonly LossScaler _lossScaler;
    private readonly TrainingContext _context;
    private readonly TrainingIdentity _identity;
    private readonly BestWeights _best = new();
    private readonly List<IStatefulCallback> _stateful;
    private readonly CheckpointWriter? _writer;
    private readonly TrainingLoop _loop;
    private NetworkWeights? _checkpointed;

    /// <param name="network">The network to train, on its device and with its first weights; it stays the caller's.</param>
    /// <param name="data">What to train on.</param>
    /// <param name="options">How to train; with a seed.</param>
    /// <param name="batchSize">Images per step.</param>
    /// <param name="initialWeights">The file the network's weights are from; null for random weights.</param>
    /// <param name="normalization">What is done to the pixels.</param>
    /// <param name="target">Where the network is and the type it computes in.</param>
    /// <param name="store">The workspace, or null.</param>
    /// <param name="log">Where each epoch is told.</param>
    public TrainingRun(
        ClassificationNetwork network, TrainingData data, ImageClassificationOptions options, int batchSize,
        InitialWeights? initialWeights, ChannelNormalization normalization, ComputeTarget target, CheckpointStore? store, TrainingLog log)
    {
        (_options, _data, _store, _log) = (options, data, store, log);
        _seed = options.Seed!.Value;
        _learningRate = options.LearningRateFor(batchSize);
        _identity = Identify(network, initialWeights, normalization, batchSize, target);
        _context = new TrainingContext(network, options.Epoch, log);
        _preprocessing = new Preprocessing(normalization, target.Device);
        _loader = new DataLoader(data.Training, batchSize, target.Device);
        _validation = data.Validation is { } rows ? new Validation(network, rows, batchSize, _preprocessing, target) : null;
        var groups = ParameterGroup.Of(network, options.Recipe.BackboneLearningRate);
        _optimizer = options.Recipe.Optimizer.Create(groups);
        _lossScaler = new LossScaler(target.Type == ScalarType.Float16);

        var recipe = options.Recipe;
        var imageSizes = new ImageSizeSchedule(recipe.InitialImageScale, options.Epoch, data.Layout.Shape);
        var step = new TrainingStep(
            network, recipe, _preprocessing, Augmentation.Of(recipe.Augmentation, data.Layout.Shape), imageSizes, _optimizer, groups, _lossScaler,
            target);
        _stateful = options.EarlyStoppingCriteria is { } criteria ? [_best, new EarlyStopping.Callback(criteria)] : [_best];
        _writer = store is null ? null : new CheckpointWriter(store, State);
        // The user's callback comes last: what it throws costs no checkpoint.
        List<ITrainingCallback> callbacks = [new Freezing(recipe.FrozenEpochs, recipe.FreezeNormStatistics), .. _stateful];
        if (_writer is not null)
            callbacks.Add(_writer);
        callbacks.Add(new EpochLog(options.MetricsCallback));
        _loop = new TrainingLoop(
            step, _loader, _validation, new LearningRateCurve(recipe.Schedule, _learningRate, recipe.WarmupEpochs, options.Epoch, _loader.BatchCount),
            imageSizes, callbacks, _seed, options.Progress, options.CancellationToken);
    }

    /// <summary>Trains to the end, or until it is canceled after a whole epoch.</summary>
    /// <returns>The best weights and how they came about.</returns>
    /// <exception cref="OperationCanceledException">Canceled before the first epoch ended.</exception>
    /// <exception cref="InvalidOperationException">The training diverged.</exception>
    public (NetworkWeights Weights, TrainingReport Report) Run()
    {
        Resume();
        bool canceled = false;
        try
        {
            _loop.Run(_context);
            if (_best.Weights is null)
                throw new TrainingDivergedException("no epoch has a finite validation loss");
        }
        catch (OperationCanceledException) when (_best.Weights is not null && _options.CancellationToken.IsCancellationRequested)
        {
            canceled = true;
            _log.Warning($"Training was canceled after epoch {_context.Epochs.Count}; the network of epoch {_best.Epoch} is kept.");
        }
        catch (TrainingDivergedException e) when (_options.OnDivergence == DivergencePolicy.ReturnBest && BestIsValidated())
        {
            _log.Warning($"{Advise(e)} The network of epoch {_best.Epoch} is kept.");
        }
        catch (TrainingDivergedException e)
        {
            throw new InvalidOperationException(Advise(e), e);
        }
        return (_best.Weights!, new TrainingReport(
            _context.Epochs, _best.Epoch, _data.Training.Count, _data.Validation?.Count ?? 0,
            _data.RowsWithoutLabel, _data.BadImages, canceled, _seed));
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _loader.Dispose();
        _validation?.Dispose();
        _preprocessing.Dispose();
    }

    private void Resume()
    {
        if (_store?.Find(_options.Resume, _identity) is not { } checkpoint)
            return;
        TakeWeights(checkpoint);
        RestoreOptimizer(checkpoint);
        _lossScaler.State = checkpoint.LossScale;
        _context.Resume(checkpoint.Epochs);
        _context.StopRequested = checkpoint.IsComplete && _options.Epoch <= checkpoint.EpochLimit;
        // What was best on other rows cannot be compared with what comes now.
        if (_context.IsComplete || ValidationFacts.All(fact => _identity.Agrees(fact, checkpoint.Identity)))
            checkpoint.Restore(_stateful);
        _writer!.Resume(checkpoint.Epochs.Count);
        _log.Info(_context.IsComplete
            ? $"The training in '{_store.Folder}' is complete after {Quantity.Of(checkpoint.Epochs.Count, "epoch")}, and its network is taken. Raise " +
              $"{nameof(_options.Epoch)} to extend it, or set {nameof(_options.Resume)} to {ResumeMode.Never} to train again."
            : $"Continuing after epoch {checkpoint.Epochs.Count} of {_options.Epoch} from the checkpoint in '{_store.Folder}'.");
    }

    private void TakeWeights(Checkpoint checkpoint)
    {
        try
        {
            checkpoint.Weights.CopyTo(_context.Network);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidOperationException(
                $"{nameof(_options.Resume)} is {_options.Resume}, but the checkpoint in '{_store!.Folder}' is of another network. {e.Message} " +
                $"Train the same network, set {nameof(_options.Resume)} to {ResumeMode.Never} to start afresh, or choose another " +
                $"{nameof(_options.WorkspacePath)}.", e);
        }
    }

    // Its state holds options of its own; those of another optimizer would replace the ones that are asked for, or do not fit.
    private void RestoreOptimizer(Checkpoint checkpoint)
    {
        if (_identity.Agrees(nameof(TrainingRecipe.Optimizer), checkpoint.Identity) &&
            _identity.Agrees(nameof(TrainingRecipe.BackboneLearningRate), checkpoint.Identity))
            checkpoint.Restore(_optimizer);
        else
            _log.Info("The optimizer starts afresh, as its options are others than the checkpoint's.");
    }

    // Into the same memory for each checkpoint, which is written before the next is made.
    private Checkpoint State() => new(
        _identity, _seed, _context.IsComplete, _context.EpochLimit, _context.Epochs,
        _checkpointed = NetworkWeights.Of(_context.Network, reuse: _checkpointed),
        Checkpoint.StateOf(_optimizer), _lossScaler.State, [.. _stateful.Select(Checkpoint.StateOf)]);

    private TrainingIdentity Identify(
        ClassificationNetwork network, InitialWeights? initialWeights, ChannelNormalization normalization, int batchSize, ComputeTarget target)
    {
        var recipe = _options.Recipe;
        return new TrainingIdentity(
            ("network", network.Architecture),
            ("images", _data.Layout),
            ("classes", _data.ClassCount),
            ("training rows", _data.Training.Count),
            (ValidationRows, _data.Validation?.Count ?? 0),
            (RowContent, $"{_data.Fingerprint:x16}"),
            ("normalization", normalization),
            ("precision", target.Type),
            ("initial weights", initialWeights?.Identity ?? "random"),
            (Seed, _seed),
            (nameof(_options.BatchSize), batchSize),
            (nameof(_options.LearningRate), _learningRate),
            (nameof(recipe.Optimizer), recipe.Optimizer),
            (nameof(recipe.Schedule), recipe.Schedule),
            (nameof(recipe.WarmupEpochs), recipe.WarmupEpochs),
            (nameof(recipe.GradientClipping), recipe.GradientClipping ?? 0),
            (nameof(recipe.BackboneLearningRate), recipe.BackboneLearningRate),
            (nameof(recipe.FrozenEpochs), recipe.FrozenEpochs),
            (nameof(recipe.FreezeNormStatistics), recipe.FreezeNormStatistics),
            (nameof(recipe.LabelSmoothing), recipe.LabelSmoothing),
            (nameof(recipe.Augmentation), recipe.Augmentation),
            (nameof(recipe.InitialImageScale), recipe.InitialImageScale));
    }

    private bool BestIsValidated() => _best.Epoch > 0 && _context.Epochs[_best.Epoch - 1].ValidationLoss is not null;

    private string Advise(TrainingDivergedException e)
    {
        string advice = FormattableString.Invariant(
            $"The training diverged: {e.What}. Lower {nameof(_options.LearningRate)} ({_learningRate}), raise {nameof(_options.Recipe.WarmupEpochs)} ({_options.Recipe.WarmupEpochs}), and check that the features are of moderate size (Normalization, or NormalizeChannels before the trainer).");
        return _store is null || _context.Epochs.Count == 0
            ? advice
            : $"{advice} The checkpoint of epoch {_context.Epochs.Count} in '{_store.Folder}' can go on with a lower rate: set " +
              $"{nameof(_options.Resume)} to {ResumeMode.FromWeights}.";
    }
}
