using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Puts the parts of one training together and runs it.</summary>
internal sealed class TrainingRun : IDisposable
{
    private const string ValidationRows = "validation rows";
    private const string RowContent = "content of the rows";
    private const string Seed = "seed";
    private const string BatchSize = nameof(ImageClassificationOptions.BatchSize);
    private const int SamplesShown = 32;
    private const int SampleColumns = 8;
    private const int SampleSide = 96;

    // The rows that a fraction holds out follow from all rows and the seed.
    private static readonly string[] ValidationFacts = [ValidationRows, RowContent, Seed];

    // The batches of an epoch follow from these.
    private static readonly string[] BatchFacts = [ValidationRows, RowContent, Seed, BatchSize];

    private readonly ImageClassificationOptions _options;
    private readonly TrainingData _data;
    private readonly CheckpointStore? _store;
    private readonly Replicas _replicas;
    private readonly TrainingLog _log;
    private readonly ComputeTarget _target;
    private readonly int _batchSize;
    private readonly double _learningRate;
    private readonly int _seed;
    private readonly ModelDefinition _model;
    private readonly Preprocessing _preprocessing;
    private readonly DataLoader _loader;
    private readonly Validation? _validation;
    private readonly OptimizerHelper _optimizer;
    private readonly LossScaler _lossScaler;
    private readonly TrainingContext _context;
    private readonly TrainingIdentity _identity;
    private readonly BestWeights _best;
    private readonly WeightAverage? _average;
    private readonly List<IStatefulCallback> _stateful = [];
    private readonly CheckpointWriter? _writer;
    private readonly TrainingLoop _loop;
    private NetworkWeights? _checkpointed;

    /// <param name="setup">The network, which stays the caller's, and what it learns from.</param>
    public TrainingRun(TrainingSetup setup)
    {
        var (network, data, options, batchSize, initialWeights, model, target, store, log) = setup;
        var replicas = setup.Replicas;
        (_options, _data, _target, _batchSize, _store, _model, _replicas, _log) = (options, data, target, batchSize, store, model, replicas, log);
        var recipe = options.Recipe;
        _seed = options.Seed!.Value;
        _learningRate = options.LearningRateFor(batchSize);
        _identity = Identify(network, initialWeights);
        _loader = new DataLoader(data.Training, batchSize, target.Device, data.Weights, replicas.Shard, options.ResidentImages);
        replicas.Join(network, _identity, _loader.SmallestBatch, options.SynchronizeBatchNorm);
        _best = new BestWeights(keepLast: options.Keep == KeptEpoch.Last);
        _average = recipe.WeightAverageDecay is double decay ? new WeightAverage(network, decay) : null;
        _context = new TrainingContext(network, _average?.Network ?? network, options.Epoch, log);
        _preprocessing = new Preprocessing(model.Normalization, target.Device);
        _validation = data.Validation is { } rows ? new Validation(_context.Result, rows, options.ImagesAtOnce(batchSize) * replicas.Shard.Count, _preprocessing, target, replicas) : null;
        var groups = ParameterGroup.Of(network, recipe.BackboneLearningRate, recipe.LayerwiseLearningRateDecay);
        _optimizer = recipe.Optimizer.Create(groups);
        _lossScaler = new LossScaler(target.Type == ScalarType.Float16);

        var imageSizes = new ImageSizeSchedule(recipe.InitialImageScale, options.Epoch, data.Layout.Shape);
        var step = new TrainingStep(setup, _preprocessing, imageSizes, groups, _optimizer, _lossScaler);
        _stateful.Add(_best);
        if (_average is not null)
            _stateful.Add(_average);
        if (options.EarlyStoppingCriteria is { } criteria)
            _stateful.Add(new EarlyStopping.Callback(criteria));
        var plateaus = recipe.Schedule.WatchPlateaus();
        if (plateaus is not null)
            _stateful.Add(plateaus);
        _writer = store is null ? null : new CheckpointWriter(store, options.CheckpointInterval, State);
        // The user's callback comes last: what it throws costs no checkpoint.
        List<ITrainingCallback> callbacks = [new Freezing(recipe.FrozenEpochs, recipe.FreezeNormStatistics), .. _stateful];
        if (_writer is not null)
            callbacks.Add(_writer);
        if (setup.Events is { } events)
            // Features, which a classifier alone is trained on, are no images.
            callbacks.Add(new TensorBoardLog(events, network.Family is HeadFamily ? null : () => Samples(data.Training)));
        callbacks.Add(new EpochLog(replicas.IsFirst ? options.MetricsCallback : null));
        _loop = new TrainingLoop(
            step, _loader, _validation, new LearningRateCurve(recipe.Schedule, _learningRate, recipe.WarmupEpochs, options.Epoch, _loader.BatchCount, plateaus),
            imageSizes, callbacks, _writer, _seed, replicas.IsFirst ? options.Progress : null, replicas);
    }

    /// <summary>Trains to the end, or until it is canceled after a whole epoch.</summary>
    /// <returns>The weights to keep and how they came about.</returns>
    /// <exception cref="OperationCanceledException">Canceled before the first epoch ended, or as the options have it.</exception>
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
        catch (OperationCanceledException) when (_replicas.Cancellation.IsCancellationRequested)
        {
            // After whole epochs it is written already.
            if (_context.Position.Steps > 0)
                _writer?.Write(_context);
            _replicas.Any(false); // None leaves before the checkpoint is written.
            if (_best.Weights is null || _options.OnCancellation == CancellationPolicy.Throw)
                throw;
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
            _data.RowsWithoutLabel, _data.BadImages, canceled, _seed)
        {
            Options = _options.AsUsed(_batchSize, _learningRate),
            Target = _target.ToString(),
        });
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _loader.Dispose();
        _validation?.Dispose();
        _preprocessing.Dispose();
        _average?.Dispose();
    }

    private void Resume()
    {
        var found = _store?.Find(_options.Resume, _identity);
        if (_replicas.Share(found, (saved, stream) => saved.Write(stream), Checkpoint.Read) is not { } checkpoint)
            return;
        TakeWeights(checkpoint);
        RestoreOptimizer(checkpoint);
        _lossScaler.State = checkpoint.LossScale;
        // With other batches there is no place within the epoch to go on from; it begins anew.
        _context.Resume(checkpoint.Epochs, BatchFacts.All(Agrees) ? checkpoint.Position : default);
        _context.StopRequested = checkpoint.IsComplete && _options.Epoch <= checkpoint.EpochLimit;
        bool sameRows = _context.IsComplete || ValidationFacts.All(Agrees);
        foreach (var callback in _stateful)
            // What was best on other rows cannot be compared with what comes now.
            if (!(sameRows || callback == _average) || !checkpoint.Restore(callback))
                (callback as WeightAverage)?.StartFrom(_context.Network);
        _writer?.Resume(checkpoint);
        _log.Info(_context.IsComplete
            ? $"The training in '{_options.WorkspacePath}' is complete after {Quantity.Of(checkpoint.Epochs.Count, "epoch")}, and its network is taken. Raise " +
              $"{nameof(_options.Epoch)} to extend it, or set {nameof(_options.Resume)} to {ResumeMode.Never} to train again."
            : $"Continuing after {(_context.Position.Steps > 0 ? $"step {_context.Position.Steps} of epoch {_context.Epochs.Count + 1}" : $"epoch {_context.Epochs.Count}")} of {_options.Epoch} from the checkpoint in '{_options.WorkspacePath}'.");

        bool Agrees(string fact) => _identity.Agrees(fact, checkpoint.Identity);
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
                $"{nameof(_options.Resume)} is {_options.Resume}, but the checkpoint in '{_options.WorkspacePath}' is of another network. {e.Message} " +
                $"Train the same network, set {nameof(_options.Resume)} to {ResumeMode.Never} to start afresh, or choose another " +
                $"{nameof(_options.WorkspacePath)}.", e);
        }
    }

    // Its state holds options of its own; those of another optimizer would replace the ones that are asked for, or do not fit.
    private void RestoreOptimizer(Checkpoint checkpoint)
    {
        if (_identity.Agrees(nameof(TrainingRecipe.Optimizer), checkpoint.Identity) &&
            _identity.Agrees(nameof(TrainingRecipe.BackboneLearningRate), checkpoint.Identity) &&
            _identity.Agrees(nameof(TrainingRecipe.LayerwiseLearningRateDecay), checkpoint.Identity))
            checkpoint.Restore(_optimizer);
        else
            _log.Info("The optimizer starts afresh, as its options are others than the checkpoint's.");
    }

    // Into the same memory for each checkpoint, which is written before the next is made.
    private Checkpoint State() => new(
        _identity, _model, _seed, _context.IsComplete, _context.EpochLimit, _context.Epochs, _context.Position,
        _checkpointed = NetworkWeights.Of(_context.Network, reuse: _checkpointed),
        Checkpoint.StateOf(_optimizer), _lossScaler.State, _stateful.ToDictionary(callback => callback.Name, Checkpoint.StateOf));

    private TrainingIdentity Identify(ClassificationNetwork network, InitialWeights? initialWeights)
    {
        var recipe = _options.Recipe;
        return new TrainingIdentity(
            ("network", network.Architecture),
            ("images", _data.Layout),
            ("classes", _data.ClassCount),
            ("training rows", _data.Training.Count),
            (ValidationRows, _data.Validation?.Count ?? 0),
            (RowContent, $"{_data.Fingerprint:x16}"),
            ("normalization", _model.Normalization),
            ("precision", _target.Type),
            ("initial weights", initialWeights?.Identity ?? "random"),
            (Seed, _seed),
            (BatchSize, _batchSize),
            (nameof(_options.MicroBatchSize), OrNull(_options.MicroBatchSize)),
            (nameof(_options.Keep), _options.Keep),
            ("weights of the classes", _data.Weights?.ToString() ?? "none"),
            (nameof(_options.LearningRate), _learningRate),
            (nameof(recipe.Optimizer), recipe.Optimizer),
            (nameof(recipe.Schedule), recipe.Schedule),
            (nameof(recipe.WarmupEpochs), recipe.WarmupEpochs),
            (nameof(recipe.GradientClipping), OrNull(recipe.GradientClipping)),
            (nameof(recipe.BackboneLearningRate), recipe.BackboneLearningRate),
            (nameof(recipe.LayerwiseLearningRateDecay), recipe.LayerwiseLearningRateDecay),
            (nameof(recipe.FrozenEpochs), recipe.FrozenEpochs),
            (nameof(recipe.FreezeNormStatistics), recipe.FreezeNormStatistics),
            (nameof(recipe.Loss), recipe.Loss),
            (nameof(recipe.LabelSmoothing), recipe.LabelSmoothing),
            (nameof(recipe.WeightAverageDecay), OrNull(recipe.WeightAverageDecay)),
            (nameof(recipe.Augmentation), recipe.Augmentation),
            (nameof(recipe.InitialImageScale), recipe.InitialImageScale));

        static object OrNull<T>(T? value) where T : struct => value is { } given ? given : "null";
    }

    private Picture Samples(ImageSet images)
    {
        var seen = NetworkView.Of(images, SamplesShown, _model.Normalization, _options.Recipe.Augmentation, _seed, _options.CancellationToken);
        return Picture.Grid([.. seen.Select(picture => picture.ShrinkTo(SampleSide))], SampleColumns);
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
