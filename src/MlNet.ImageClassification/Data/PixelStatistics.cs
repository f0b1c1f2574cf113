using System.Runtime.InteropServices;

namespace MlNet.ImageClassification;

/// <summary>
/// How the values that the network is given are spread, over the first images: enough to notice pixels that were scaled twice
/// or not at all.
/// </summary>
internal sealed class PixelStatistics(ImageLayout layout, ChannelNormalization normalization)
{
    private const int Images = 64;

    // Normalized pixels have a mean near 0 and a deviation near 1; 0 to 1, -1 to 1 and means taken off without scaling (a
    // deviation near 60) train as well. Scaled twice, the deviation is near 0.004 and cropping's border of zeros outshines it.
    private const double LargestMean = 10;
    private const double SmallestDeviation = 0.05;
    private const double LargestDeviation = 100;

    // Sets of the same kind of images differ by less, whatever they show.
    private const double LargestShift = 1;
    private const double LargestRatio = 3;

    private readonly byte[] _pixels = new byte[layout.Bytes];
    private int _images;
    private readonly double[] _sums = new double[layout.Shape.Channels];
    private readonly double[] _squares = new double[layout.Shape.Channels];
    private double _least = double.PositiveInfinity;
    private double _greatest = double.NegativeInfinity;

    private double ValuesPerChannel => (double)_images * layout.Shape.Height * layout.Shape.Width;

    private double Mean => _sums.Average() / ValuesPerChannel;

    // Within the channels: values scaled twice keep the distances between the channels' means.
    private double Deviation => Math.Sqrt(Enumerable.Range(0, layout.Shape.Channels).Average(Variance));

    /// <summary>Whether a network cannot be expected to learn from such values.</summary>
    public bool IsUnusual =>
        _images > 0 && (Math.Abs(Mean) > LargestMean || Deviation is < SmallestDeviation or > LargestDeviation);

    /// <summary>What would not be unusual.</summary>
    public static string Expected { get; } = FormattableString.Invariant(
        $"a mean between {-LargestMean} and {LargestMean} and a standard deviation between {SmallestDeviation} and {LargestDeviation}");

    /// <summary>Whether these images were prepared in another way than those.</summary>
    public bool DifferFrom(PixelStatistics others)
    {
        double wider = Math.Max(Deviation, others.Deviation);
        double narrower = Math.Min(Deviation, others.Deviation);
        return Math.Abs(Mean - others.Mean) > LargestShift * wider || wider > LargestRatio * narrower;
    }

    /// <summary>Counts an image in, if it is one of the first.</summary>
    public void Add(byte[] packed, PixelCodec codec)
    {
        if (_images == Images)
            return;
        _images++;
        codec.Unpack(packed, _pixels);
        for (int channel = 0; channel < layout.Shape.Channels; channel++)
            Add(channel);
    }

    public override string ToString() => FormattableString.Invariant(
        $"values from {_least:g4} to {_greatest:g4}, a mean of {Mean:g4} and a standard deviation of {Deviation:g4}");

    private double Variance(int channel)
    {
        double mean = _sums[channel] / ValuesPerChannel;
        return Math.Max(0, _squares[channel] / ValuesPerChannel - mean * mean);
    }

    private void Add(int channel)
    {
        bool none = normalization == ChannelNormalization.None;
        (double mean, double deviation) = none ? (0, 1) : (normalization.Mean[channel], normalization.Deviation[channel]);
        var floats = layout.IsBytes ? [] : MemoryMarshal.Cast<byte, float>(_pixels);
        (int start, int end, int step) = layout.Channel(channel);
        for (int i = start; i < end; i += step)
        {
            double value = ((layout.IsBytes ? _pixels[i] : floats[i]) - mean) / deviation;
            _sums[channel] += value;
            _squares[channel] += value * value;
            _least = Math.Min(_least, value);
            _greatest = Math.Max(_greatest, value);
        }
    }
}
