using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Trains a network: walks through the images epoch by epoch and keeps the best weights.</summary>
internal sealed class TrainingLoop : IDisposable
{
    private readonly ClassificationNetwork _network;
    private readonly TrainingData _data;
    private readonly ImageClassificationOptions _options;
    private readonly ComputeTarget _target;
    private readonly TrainingLog _log;
    private readonly DataLoader _training;
    private readonly DataLoader? _validation;
    private readonly Preprocessing _preprocessing;
    private readonly Augmentation _augmentation;
    private readonly ImageSizeSchedule _imageSizes;
    private readonly LearningRateSchedule _schedule;
    private readonly SGD _optimizer;
    private readonly LossScaler _lossScaler;
    private readonly double _learningRate;
    private readonly string _run;
    private readonly List<EpochMetrics> _epochs = [];
    private NetworkWeights? _best;
    private int _bestEpoch;
    private int _savedEpoch;
    private TimeSpan _validationTime;

    /// <param name="network">The network to train, on its device and with its first weights; it stays the caller's.</param>
    /// <param name="data">What to train on.</param>
    /// <param name="options">How to train.</param>
    /// <param name="batchSize">Images per step.</param>
    /// <param name="initialWeights">The file the network's weights are from; null for random weights.</param>
    /// <param name="normalization">What is done to the pixels.</param>
    /// <param name="target">Where the network is and the type it computes in.</param>
    /// <param name="log">Where each epoch is told.</param>
    public TrainingLoop(
        ClassificationNetwork network, TrainingData data, ImageClassificationOptions options, int batchSize,
        SafeTensorsWeights? initialWeights, ChannelNormalization normalization, ComputeTarget target, TrainingLog log)
    {
        (_network, _data, _options, _target, _log) = (network, data, options, target, log);
        _learningRate = options.LearningRateFor(batchSize);
        _training = new DataLoader(data.Training, batchSize, target.Device);
        _validation = data.Validation is { } validation ? new DataLoader(validation, batchSize, target.Device) : null;
        _preprocessing = new Preprocessing(normalization, target.Device);
        _augmentation = Augmentation.Of(options, data.Layout.Shape);
        _imageSizes = new ImageSizeSchedule(options.InitialImageScale, options.Epoch, data.Layout.Shape);
        _schedule = LearningRateSchedule.Of(options, _learningRate, _training.BatchCount);
        _optimizer = CreateOptimizer(network, options, _learningRate);
        _lossScaler = new LossScaler(target.Type == ScalarType.Float16);
        _run = Describe(network, data, options, batchSize, _learningRate, initialWeights, target);
    }

    /// <summary>Trains to the end, or until it is canceled after a whole epoch.</summary>
    /// <returns>The best weights and how they came about.</returns>
    /// <exception cref="OperationCanceledException">Canceled before the first epoch ended.</exception>
    public (NetworkWeights Weights, TrainingReport Report) Run()
    {
        Resume();
        bool canceled = false;
        try
        {
            while (_epochs.Count < _options.Epoch)
                RunEpoch(_epochs.Count + 1);
            DeleteCheckpoint();
        }
        catch (OperationCanceledException) when (_best is not null && _options.CancellationToken.IsCancellationRequested)
        {
            canceled = true;
            _log.Warning($"Training was canceled after epoch {_epochs.Count}; the network of epoch {_bestEpoch} is kept.");
        }
        return (_best!, new TrainingReport(
            _epochs, _bestEpoch, _data.Training.Count, _data.Validation?.Count ?? 0,
            _data.RowsWithoutLabel, _data.BadImages, canceled));
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _preprocessing.Dispose();
        _training.Dispose();
        _validation?.Dispose();
    }

    internal static SGD CreateOptimizer(
        ClassificationNetwork network, ImageClassificationOptions options, double learningRate) => optim.SGD(
        [
            new SGD.ParamGroup(network.DecayedParameters, new SGD.Options { weight_decay = options.WeightDecay }),
            new SGD.ParamGroup(network.UndecayedParameters, new SGD.Options { weight_decay = 0 }),
        ],
        learningRate, options.Momentum, nesterov: options.Momentum > 0);

    /// <summary>All that the result of a training depends on, for people and for checkpoints.</summary>
    private static string Describe(
        ClassificationNetwork network, TrainingData data, ImageClassificationOptions options, int batchSize,
        double learningRate, SafeTensorsWeights? initialWeights, ComputeTarget target) =>
        string.Join(", ", new FormattableString[]
        {
            $"{network.Architecture}",
            $"{data.Layout}",
            $"{data.ClassCount} classes",
            $"{data.Training.Count} rows ({data.Fingerprint:x16})",
            $"{target.Type}",
            $"{(initialWeights is null ? "random weights" : $"weights of {initialWeights.Identity}")}",
            $"seed {options.Seed}",
            $"{options.Epoch} epochs",
            $"batch size {batchSize}",
            $"learning rate {learningRate}",
            $"warm-up {options.WarmupEpochs}",
            $"momentum {options.Momentum}",
            $"weight decay {options.WeightDecay}",
            $"label smoothing {options.LabelSmoothing}",
            $"crop padding {options.CropPadding?.ToString() ?? "auto"}",
            $"flip {options.HorizontalFlip}",
            $"initial image scale {options.InitialImageScale}",
        }.Select(FormattableString.Invariant));

    private void Resume()
    {
        if (_options.WorkspacePath is not { } folder)
            return;
        Checkpoint.Prepare(folder);
        if (Checkpoint.Load(folder, _run) is not { } checkpoint)
            return;
        checkpoint.Weights.CopyTo(_network);
        checkpoint.RestoreOptimizer(_optimizer);
        _lossScaler.State = checkpoint.LossScale;
        _epochs.AddRange(checkpoint.Epochs);
        (_best, _bestEpoch, _savedEpoch) = (checkpoint.BestWeights, checkpoint.BestEpoch, checkpoint.Epochs.Count);
        _log.Info($"Continuing after epoch {_epochs.Count} of {_options.Epoch} from the checkpoint in '{folder}'.");
    }

    private void RunEpoch(int epoch)
    {
        var meter = new ProgressMeter(_options.Progress, epoch, _options.Epoch, _training.BatchCount, _imageSizes.WorkAfter(epoch), _validationTime);
        double learningRate = Train(epoch, meter);
        var trainingTime = meter.Elapsed;
        double imagesPerSecond = meter.ImagesPerSecond;
        var (loss, accuracy) = Validate();
        _validationTime = meter.Elapsed - trainingTime;

        var metrics = new EpochMetrics(
            epoch, meter.Loss, meter.Accuracy, loss, accuracy, learningRate, imagesPerSecond, meter.Elapsed);
        var weights = NetworkWeights.Of(_network);
        if (IsBest(metrics))
            (_best, _bestEpoch) = (weights, epoch);
        _epochs.Add(metrics);
        if (_options.WorkspacePath is { } folder)
            Save(new Checkpoint(_epochs, weights, Checkpoint.StateOf(_optimizer), _lossScaler.State, _bestEpoch, _best!), folder);
        Tell(metrics);
    }

    // Neither a full disk nor a missing permission may cost the hours that the training took.
    private void Save(Checkpoint checkpoint, string folder)
    {
        try
        {
            checkpoint.Save(folder, _run);
            _savedEpoch = _epochs.Count;
        }
        catch (Exception e) when (Checkpoint.IsOfTheDisk(e))
        {
            _log.Warning(
                $"The checkpoint of epoch {_epochs.Count} could not be written: {e.Message} Training goes on; were it killed now, it " +
                $"would {(_savedEpoch > 0 ? $"continue after epoch {_savedEpoch}" : "start afresh")}. Make room in '{folder}'.");
        }
    }

    private void DeleteCheckpoint()
    {
        if (_options.WorkspacePath is not { } folder)
            return;
        try
        {
            Checkpoint.Delete(folder);
        }
        catch (Exception e) when (Checkpoint.IsOfTheDisk(e))
        {
            _log.Warning($"The training is complete, but its checkpoint in '{folder}' could not be deleted: {e.Message}");
        }
    }

    private double Train(int epoch, ProgressMeter meter)
    {
        _network.train();
        int epochSeed = HashCode32(_options.Seed, epoch);
        var random = new Random(HashCode32(epochSeed, 0));
        long step = (long)(epoch - 1) * _training.BatchCount;
        double learningRate = 0;

        // The result of a step is read while the device already works on the next one.
        PendingStep? pending = null;
        try
        {
            foreach (var batch in _training.Pass(epochSeed, _options.CancellationToken))
            {
                _options.CancellationToken.ThrowIfCancellationRequested();
                learningRate = _schedule.At(step++);
                var started = new PendingStep(batch, Step(batch, epoch, learningRate, random));
                pending?.Finish(meter, epoch, learningRate, this);
                pending = started;
            }
            pending?.Finish(meter, epoch, learningRate, this);
        }
        finally
        {
            pending?.Dispose();
        }
        return learningRate;
    }

    /// <summary>One step; returns the summed loss and the number of correct answers as a tensor on the device.</summary>
    private Tensor Step(ImageBatch batch, int epoch, double learningRate, Random random)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = batch.To(_target.Device);
        var augmented = _imageSizes.Apply(_augmentation.Apply(_preprocessing.Apply(images), random), epoch);
        var logits = _network.forward(augmented.to_type(_target.Type));
        var loss = nn.functional.cross_entropy(logits, labels, label_smoothing: _options.LabelSmoothing);
        _network.zero_grad();
        _lossScaler.Scale(loss).backward();
        foreach (var group in _optimizer.ParamGroups)
            group.LearningRate = learningRate;
        if (_lossScaler.TryUnscale(_network.parameters()))
            _optimizer.step();
        return Tally(logits.detach(), labels, loss.detach()).MoveToOuterDisposeScope();
    }

    private (double? Loss, double? Accuracy) Validate()
    {
        if (_validation is null)
            return (null, null);
        _network.eval();
        double loss = 0, correct = 0;
        foreach (var batch in _validation.Pass(null, _options.CancellationToken))
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var (images, labels) = batch.To(_target.Device);
            var logits = _network.forward(_preprocessing.Apply(images).to_type(_target.Type));
            var tally = Tally(logits, labels, nn.functional.cross_entropy(logits, labels)).cpu();
            loss += tally[0].item<float>();
            correct += tally[1].item<float>();
            batch.Release();
        }
        return (loss / _data.Validation!.Count, correct / _data.Validation.Count);
    }

    private static Tensor Tally(Tensor logits, Tensor labels, Tensor meanLoss)
    {
        var correct = logits.argmax(1).eq(labels).to_type(ScalarType.Float32).sum();
        return stack([meanLoss * (float)labels.shape[0], correct]);
    }

    private bool IsBest(EpochMetrics metrics)
    {
        if (metrics.ValidationAccuracy is not double accuracy || _best is null)
            return true;
        var best = _epochs[_bestEpoch - 1];
        return accuracy > best.ValidationAccuracy
            || (accuracy == best.ValidationAccuracy && metrics.ValidationLoss < best.ValidationLoss);
    }

    private void Tell(EpochMetrics metrics)
    {
        string validation = metrics.ValidationAccuracy is double accuracy
            ? FormattableString.Invariant($", validation loss {metrics.ValidationLoss:f4} accuracy {accuracy:p2}")
            : "";
        string training = FormattableString.Invariant(
            $"Epoch {metrics.Epoch} of {_options.Epoch}: loss {metrics.Loss:f4} accuracy {metrics.Accuracy:p2}");
        string speed = FormattableString.Invariant(
            $", {metrics.ImagesPerSecond:f0} images/s, {metrics.Duration.TotalSeconds:f1} s.");
        _log.Info(training + validation + speed);
        _options.MetricsCallback?.Invoke(metrics);
    }

    // HashCode.Combine differs from process to process; a seed must not.
    private static int HashCode32(int seed, int index)
    {
        ulong mixed = ((ulong)(uint)seed << 32 | (uint)index) * 0x9E3779B97F4A7C15;
        return (int)(mixed >> 33);
    }

    /// <summary>A step whose result has not been read yet.</summary>
    private sealed class PendingStep(ImageBatch batch, Tensor tally) : IDisposable
    {
        public void Finish(ProgressMeter meter, int epoch, double learningRate, TrainingLoop loop)
        {
            using var scope = NewDisposeScope();
            int images = batch.Count;
            var values = tally.cpu();
            double loss = values[0].item<float>();
            double correct = values[1].item<float>();
            Dispose();
            batch.Release();
            if (!double.IsFinite(loss))
                throw new InvalidOperationException(
                    $"The training diverged: the loss became {loss} in epoch {epoch}. Lower {nameof(loop._options.LearningRate)} " +
                    $"({loop._learningRate}), raise {nameof(loop._options.WarmupEpochs)} ({loop._options.WarmupEpochs}), and check that " +
                    "the features are of moderate size (NormalizeChannels before the trainer).");
            meter.Add(images, loss, correct, learningRate);
        }

        public void Dispose() => tally.Dispose();
    }
}
