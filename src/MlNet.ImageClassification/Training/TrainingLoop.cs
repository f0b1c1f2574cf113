using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Walks through the images epoch by epoch.</summary>
/// <param name="step">What happens to a batch.</param>
/// <param name="training">The batches.</param>
/// <param name="validation">The measurement after each epoch; null for none.</param>
/// <param name="learningRates">The learning rate of every step.</param>
/// <param name="imageSizes">The size of the images in every epoch.</param>
/// <param name="callbacks">Called before and after each epoch and after each step, in this order.</param>
/// <param name="checkpoints">Written within epochs when they are due; null for none.</param>
/// <param name="seed">Where the order of the images and the augmentation's draws follow from.</param>
/// <param name="progress">Told several times a second.</param>
/// <param name="replicas">The processes that train together; their common wish to cancel ends the training.</param>
internal sealed class TrainingLoop(
    TrainingStep step, DataLoader training, Validation? validation, LearningRateCurve learningRates, ImageSizeSchedule imageSizes,
    IReadOnlyList<ITrainingCallback> callbacks, CheckpointWriter? checkpoints, int seed, IProgress<TrainingProgress>? progress, Replicas replicas)
{
    private const int StepsBetweenChecks = 16;

    private readonly CancellationToken _cancellation = replicas.Cancellation;

    /// <summary>Trains to the end.</summary>
    /// <exception cref="OperationCanceledException">Canceled; the step was finished, and the context tells how far the training is.</exception>
    /// <exception cref="TrainingDivergedException">The loss, the weights or the scores became infinite or NaN.</exception>
    public void Run(TrainingContext context)
    {
        while (!context.IsComplete)
        {
            var epoch = RunEpoch(context, context.Epochs.Count + 1);
            context.Add(epoch);
            foreach (var callback in callbacks)
                callback.OnEpochEnd(context);
        }
    }

    private EpochMetrics RunEpoch(TrainingContext context, int epoch)
    {
        var meter = new ProgressMeter(
            progress, epoch, context.EpochLimit, training.BatchCount, imageSizes.WorkAfter(epoch), validation?.Duration ?? TimeSpan.Zero,
            context.Position);
        context.Network.train();
        foreach (var callback in callbacks)
            callback.OnEpochStart(context, epoch);
        double learningRate = Train(context, epoch, meter);
        double imagesPerSecond = meter.ImagesPerSecond;
        var measured = validation?.Run(_cancellation);
        return new EpochMetrics(
            epoch, meter.Loss, meter.Accuracy, measured?.Loss, measured?.Accuracy, learningRate, imagesPerSecond, meter.Elapsed);
    }

    /// <summary>One pass over the training images; the learning rate of its last step.</summary>
    private double Train(TrainingContext context, int epoch, ProgressMeter meter)
    {
        int epochSeed = Mix(seed, epoch);
        int done = context.Position.Steps;
        double learningRate = done == 0 ? 0 : LearningRate(done - 1);
        bool scoresAreFinite;

        // The result of a step is read while the device already works on the next one.
        PendingStep? pending = null;
        try
        {
            foreach (var batch in training.Pass(epochSeed, _cancellation, skip: done))
            {
                var momentum = learningRates.MomentumAt(Index(done));
                learningRate = LearningRate(done++);
                var started = new PendingStep(batch, step.Run(batch, epoch, learningRate, new Random(StepSeed(epochSeed, done)), momentum), learningRate);
                FinishPending();
                pending = started;
                foreach (var callback in callbacks)
                    callback.OnStepEnd();
                if (replicas.Any(checkpoints is { IsDue: true }) && done < training.BatchCount)
                {
                    FinishPending();
                    RequireFiniteWeights(context.Network, epoch);
                    checkpoints?.Write(context);
                }
                if (done % StepsBetweenChecks == 0)
                    NativeMemory.TrimWhereGrown();
                _cancellation.ThrowIfCancellationRequested();
            }
            scoresAreFinite = validation is not null || pending is null || !replicas.Any(!step.ScoresAreFinite(pending.Batch));
            FinishPending();
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            FinishPending();
            RequireFiniteWeights(context.Network, epoch);
            throw;
        }
        finally
        {
            pending?.Dispose();
        }

        replicas.AverageStatistics(context.Network, context.Result);
        // The last step's weights have not been through a loss yet.
        RequireFiniteWeights(context.Network, epoch);
        // Weights that are numbers, but huge, can score NaN all the same; where there is no validation, nothing else would show it.
        if (!scoresAreFinite)
            throw new TrainingDivergedException($"scores became infinite or NaN in epoch {epoch}");
        return learningRate;

        long Index(int step) => (long)(epoch - 1) * training.BatchCount + step;

        double LearningRate(int step) => learningRates.At(Index(step));

        void FinishPending()
        {
            pending?.Finish(meter, epoch);
            pending = null;
            context.Position = meter.Position;
        }
    }

    private void RequireFiniteWeights(ClassificationNetwork network, int epoch)
    {
        if (replicas.Any(!NetworkWeights.AreFinite(network)))
            throw new TrainingDivergedException($"weights became infinite or NaN in epoch {epoch}");
    }

    // Each process draws for its own images.
    private int StepSeed(int epochSeed, int step) =>
        replicas.IsFirst ? Mix(epochSeed, step) : Mix(Mix(epochSeed, step), replicas.Shard.Rank);

    // HashCode.Combine differs from process to process; a seed must not.
    private static int Mix(int seed, int index)
    {
        ulong mixed = ((ulong)(uint)seed << 32 | (uint)index) * 0x9E3779B97F4A7C15;
        return (int)(mixed >> 33);
    }

    /// <summary>A step whose result has not been read yet.</summary>
    private sealed class PendingStep(LabeledBatch batch, Tensor tally, double learningRate) : IDisposable
    {
        public LabeledBatch Batch => batch;

        public void Finish(ProgressMeter meter, int epoch)
        {
            int images = batch.StepCount;
            var (loss, correct) = BatchTally.Read(tally);
            Dispose();
            batch.Release();
            if (!double.IsFinite(loss))
                throw new TrainingDivergedException(FormattableString.Invariant($"the loss became {loss} in epoch {epoch}"));
            meter.Add(images, loss, correct, learningRate);
        }

        public void Dispose() => tally.Dispose();
    }
}

/// <summary>A training that went astray.</summary>
/// <param name="what">What was seen, as the end of the sentence "The training diverged: ...".</param>
internal sealed class TrainingDivergedException(string what) : InvalidOperationException($"The training diverged: {what}.")
{
    public string What { get; } = what;
}
