namespace MlNet.ImageClassification.Reports;

/// <summary>
/// Whether a model is right as often as it says: answers in bins of equal width by their probability (Guo, Pleiss, Sun and
/// Weinberger 2017, "On Calibration of Modern Neural Networks", section 2).
/// </summary>
internal sealed class Calibration
{
    public const int BinCount = 15;

    private readonly long[] _counts = new long[BinCount];
    private readonly long[] _right = new long[BinCount];
    private readonly double[] _confidence = new double[BinCount];

    public long Total => _counts.Sum();

    /// <summary>The mean probability of the answers.</summary>
    public double MeanConfidence => _confidence.Sum() / Total;

    /// <summary>Expected calibration error (equation 3): the mean distance of accuracy and confidence, weighted by the bins' images.</summary>
    public double ExpectedError => Bins.Where(bin => bin.Count > 0).Sum(bin => (double)bin.Count / Total * bin.Gap);

    /// <summary>Maximum calibration error (equation 5): the largest distance of a bin.</summary>
    public double MaximumError => Bins.Where(bin => bin.Count > 0).Max(bin => bin.Gap);

    public IEnumerable<Bin> Bins => Enumerable.Range(0, BinCount).Select(i => new Bin(
        (double)i / BinCount, (double)(i + 1) / BinCount, _counts[i], (double)_right[i] / _counts[i], _confidence[i] / _counts[i]));

    /// <summary>Adds an answer.</summary>
    /// <param name="confidence">Its probability, 0 to 1.</param>
    /// <param name="isRight">Whether it is right.</param>
    public void Add(double confidence, bool isRight)
    {
        // A bin is ((m - 1) / M, m / M]; one third in float32 is above one third and yet belongs below it.
        int bin = Math.Clamp((int)Math.Ceiling(Math.Round(confidence * BinCount, 6)) - 1, 0, BinCount - 1);
        _counts[bin]++;
        _confidence[bin] += confidence;
        if (isRight)
            _right[bin]++;
    }

    /// <summary>Answers of about the same probability.</summary>
    /// <param name="From">The probability above which they are.</param>
    /// <param name="To">The highest probability.</param>
    /// <param name="Count">How many there are.</param>
    /// <param name="Accuracy">The share that is right; NaN without answers.</param>
    /// <param name="Confidence">Their mean probability; NaN without answers.</param>
    internal readonly record struct Bin(double From, double To, long Count, double Accuracy, double Confidence)
    {
        public double Gap => Math.Abs(Accuracy - Confidence);
    }
}
