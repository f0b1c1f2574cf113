namespace MlNet.ImageClassification;

/// <summary>
/// The mean and the standard deviation of each color channel, in units of the pixel values: 0 to 255, as ExtractPixels
/// gives them by default. A normalized value is (value - mean) / deviation.
/// </summary>
public sealed class ChannelNormalization
{
    /// <summary>Checks and keeps the figures.</summary>
    /// <param name="mean">The mean of each channel, one to four; finite.</param>
    /// <param name="deviation">The standard deviation of each channel; finite and above 0.</param>
    /// <exception cref="ArgumentException">A figure breaks its rule, or there are not as many of both.</exception>
    public ChannelNormalization(IReadOnlyList<float> mean, IReadOnlyList<float> deviation)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(deviation);
        if (mean.Count is < 1 or > 4 || mean.Count != deviation.Count)
            throw new ArgumentException(
                $"There are {mean.Count} means and {deviation.Count} deviations; there must be one of each per channel, for 1 to 4 channels.",
                nameof(deviation));
        for (int i = 0; i < mean.Count; i++)
        {
            if (!float.IsFinite(mean[i]))
                throw new ArgumentException($"The mean of channel {i} is {mean[i]}; it must be finite.", nameof(mean));
            if (!float.IsFinite(deviation[i]) || deviation[i] <= 0)
                throw new ArgumentException(
                    $"The deviation of channel {i} is {deviation[i]}; it must be finite and above 0.", nameof(deviation));
        }
        Mean = [.. mean];
        Deviation = [.. deviation];
    }

    private ChannelNormalization() => (Mean, Deviation) = ([], []);

    /// <summary>Values stay as they are.</summary>
    public static ChannelNormalization None { get; } = new();

    /// <summary>The training images of CIFAR-10, in the order red, green, blue.</summary>
    public static ChannelNormalization Cifar10 { get; } = new([125.307f, 122.961f, 113.8575f], [62.9932f, 62.0887f, 66.7048f]);

    /// <summary>ImageNet as torchvision's networks expect it, in the order red, green, blue.</summary>
    public static ChannelNormalization ImageNet { get; } = new([123.675f, 116.28f, 103.53f], [58.395f, 57.12f, 57.375f]);

    /// <summary>
    /// ImageNet as Caffe's networks expect it: means only, in the order blue, green, red (ExtractPixels with
    /// <c>ColorsOrder.ABGR</c>).
    /// </summary>
    public static ChannelNormalization Caffe { get; } = new([103.939f, 116.779f, 123.68f], [1f, 1f, 1f]);

    /// <summary>
    /// The figures for bytes of which nothing is known: ImageNet's for three channels, else the middle and a quarter of the range.
    /// </summary>
    internal static ChannelNormalization ForBytes(int channels) => channels == 3
        ? ImageNet
        : new ChannelNormalization([.. Enumerable.Repeat(127.5f, channels)], [.. Enumerable.Repeat(63.75f, channels)]);

    /// <summary>The mean of each channel; empty for <see cref="None"/>.</summary>
    public IReadOnlyList<float> Mean { get; }

    /// <summary>The standard deviation of each channel; empty for <see cref="None"/>.</summary>
    public IReadOnlyList<float> Deviation { get; }

    /// <summary>The figures, for people.</summary>
    public override string ToString() => this == None
        ? nameof(None)
        : FormattableString.Invariant($"mean {string.Join(' ', Mean)}, deviation {string.Join(' ', Deviation)}");

    internal void Write(BinaryWriter writer)
    {
        writer.Write(Mean.Count);
        foreach (float value in Mean.Concat(Deviation))
            writer.Write(value);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">There are other than 0 to 4 channels, or a figure breaks its rule.</exception>
    internal static ChannelNormalization Read(BinaryReader reader)
    {
        int channels = reader.ReadInt32();
        if (channels == 0)
            return None;
        if (channels is < 0 or > 4)
            throw new InvalidDataException($"its normalization has {channels} channels");
        try
        {
            return new ChannelNormalization(Floats(), Floats());
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException(e.Message, e);
        }

        float[] Floats() => [.. Enumerable.Range(0, channels).Select(_ => reader.ReadSingle())];
    }
}
