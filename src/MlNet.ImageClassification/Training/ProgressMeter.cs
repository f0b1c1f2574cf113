using System.Diagnostics;

namespace MlNet.ImageClassification;

/// <summary>Sums up an epoch and tells how it goes.</summary>
/// <param name="progress">Who is told.</param>
/// <param name="epoch">The epoch, from 1.</param>
/// <param name="epochs">How many there are.</param>
/// <param name="steps">Steps of an epoch.</param>
/// <param name="workAfter">How long the epochs after this one take, in times this one's.</param>
/// <param name="validationTime">How long the last validation took.</param>
internal sealed class ProgressMeter(
    IProgress<TrainingProgress>? progress, int epoch, int epochs, int steps, double workAfter, TimeSpan validationTime)
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(200);

    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _lastReport = TimeSpan.MinValue;
    private double _lossSum;
    private double _correct;
    private long _images;
    private int _step;

    public double Loss => _lossSum / Math.Max(1, _images);

    public double Accuracy => _correct / Math.Max(1, _images);

    public double ImagesPerSecond => _images / Math.Max(1e-9, Elapsed.TotalSeconds);

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>Counts a step and reports when it is time to.</summary>
    public void Add(int images, double lossSum, double correct, double learningRate)
    {
        _images += images;
        _lossSum += lossSum;
        _correct += correct;
        _step++;
        if (progress is null || (_step < steps && Elapsed - ReportInterval < _lastReport))
            return;
        _lastReport = Elapsed;
        progress.Report(new TrainingProgress(
            epoch, epochs, _step, steps, Loss, Accuracy, learningRate, ImagesPerSecond, TimeLeft()));
    }

    private TimeSpan TimeLeft()
    {
        double epochTime = Elapsed.TotalSeconds * steps / _step;
        double left = epochTime * (1 + workAfter) - Elapsed.TotalSeconds;
        return TimeSpan.FromSeconds(left) + validationTime * (epochs - epoch + 1);
    }
}
