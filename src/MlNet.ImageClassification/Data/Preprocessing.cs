using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>What a model does to the pixels it is given before its network sees them, on the network's device.</summary>
internal sealed class Preprocessing : IDisposable
{
    private readonly Tensor? _mean;
    private readonly Tensor? _scale;

    /// <param name="normalization">The figures, or <see cref="ChannelNormalization.None"/>.</param>
    /// <param name="device">Where the images will be.</param>
    public Preprocessing(ChannelNormalization normalization, Device device)
    {
        if (normalization == ChannelNormalization.None)
            return;
        _mean = OnDevice(normalization.Mean, device);
        _scale = OnDevice([.. normalization.Deviation.Select(deviation => 1 / deviation)], device);
    }

    /// <summary>Turns pixels into what the network takes.</summary>
    /// <param name="images">[N, channels, height, width], bytes or float32.</param>
    /// <returns>[N, channels, height, width], float32; the argument itself where there is nothing to do.</returns>
    public Tensor Apply(Tensor images)
    {
        if (_mean is null || _scale is null)
            return images.to_type(ScalarType.Float32);
        return images.sub(_mean).mul_(_scale);
    }

    public void Dispose()
    {
        _mean?.Dispose();
        _scale?.Dispose();
    }

    // [1, channels, 1, 1]
    private static Tensor OnDevice(IReadOnlyList<float> values, Device device) =>
        tensor([.. values], [1, values.Count, 1, 1], device: device).DetachFromDisposeScope();
}
