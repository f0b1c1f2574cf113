using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Measures a network on the validation rows, of which each process takes its part.</summary>
internal sealed class Validation(ClassificationNetwork network, ImageSet images, int batchSize, Preprocessing preprocessing, ComputeTarget target, Replicas replicas)
    : IDisposable
{
    private readonly DataLoader _loader = new(images, batchSize, target.Device, shard: replicas.Shard);

    /// <summary>How long the last measurement took.</summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>The mean cross-entropy, without label smoothing, and the share classified correctly.</summary>
    public (double Loss, double Accuracy) Run(CancellationToken cancellation)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        network.eval();
        double lossSum = 0, correctSum = 0;
        foreach (var batch in _loader.Pass(null, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            var (pixels, labels) = batch.To(target.Device);
            var logits = network.forward(preprocessing.Apply(pixels).to_type(target.Type));
            var tally = BatchTally.Zero(target.Device);
            BatchTally.Add(tally, logits, labels, Loss.PerImage(LossFunction.SoftmaxCrossEntropy, logits, labels, labelSmoothing: 0).sum());
            var (loss, correct) = BatchTally.Read(tally);
            (lossSum, correctSum) = (lossSum + loss, correctSum + correct);
            batch.Release();
        }
        (lossSum, correctSum) = replicas.Sum(lossSum, correctSum);
        Duration = System.Diagnostics.Stopwatch.GetElapsedTime(start);
        return (lossSum / images.Count, correctSum / images.Count);
    }

    public void Dispose() => _loader.Dispose();
}
