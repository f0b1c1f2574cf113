using System.Diagnostics;

namespace MlNet.ImageClassification;

/// <summary>Sums up an epoch and tells how it goes.</summary>
/// <param name="progress">Who is told.</param>
/// <param name="epoch">The epoch, from 1.</param>
/// <param name="epochs">How many there are.</param>
/// <param name="steps">Steps of an epoch.</param>
/// <param name="workAfter">How long the epochs after this one take, in times this one's.</param>
/// <param name="validationTime">How long the last validation took.</param>
/// <param name="start">Where the epoch is gone on with.</param>
internal sealed class ProgressMeter(
    IProgress<TrainingProgress>? progress, int epoch, int epochs, int steps, double workAfter, TimeSpan validationTime, EpochPosition start)
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(200);

    private readonly long _start = Stopwatch.GetTimestamp() - (long)(start.Elapsed.TotalSeconds * Stopwatch.Frequency);
    private TimeSpan _lastReport = TimeSpan.MinValue;
    private EpochPosition _done = start;

    public double Loss => _done.LossSum / Math.Max(1, _done.Images);

    public double Accuracy => _done.Correct / Math.Max(1, _done.Images);

    public double ImagesPerSecond => _done.Images / Math.Max(1e-9, Elapsed.TotalSeconds);

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>How far the epoch is.</summary>
    public EpochPosition Position => _done with { Elapsed = Elapsed };

    /// <summary>Counts a step and reports when it is time to.</summary>
    public void Add(int images, double lossSum, double correct, double learningRate)
    {
        _done = new EpochPosition(_done.Steps + 1, _done.Images + images, _done.LossSum + lossSum, _done.Correct + correct, Elapsed);
        if (progress is null || (_done.Steps < steps && Elapsed - ReportInterval < _lastReport))
            return;
        _lastReport = Elapsed;
        progress.Report(new TrainingProgress(
            epoch, epochs, _done.Steps, steps, Loss, Accuracy, learningRate, ImagesPerSecond, TimeLeft()));
    }

    private TimeSpan TimeLeft()
    {
        double epochTime = Elapsed.TotalSeconds * steps / _done.Steps;
        double left = epochTime * (1 + workAfter) - Elapsed.TotalSeconds;
        return TimeSpan.FromSeconds(left) + validationTime * (epochs - epoch + 1);
    }
}
