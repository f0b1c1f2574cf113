using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>A batch in the memory of the host, which is filled again and again.</summary>
/// <param name="layout">How the values of an image lie.</param>
/// <param name="capacity">How many images there may be.</param>
/// <param name="pinned">Whether the memory is pinned, for a CUDA device.</param>
/// <param name="weights">How much each image counts; null where all count alike.</param>
internal sealed class HostBatch(ImageLayout layout, int capacity, bool pinned, ImageWeights? weights = null) : LabeledBatch, IDisposable
{
    private readonly ImageBatch _images = new(layout, capacity, pinned);
    private readonly Tensor _labels = ImageBatch.Allocate([capacity], ScalarType.Int64, pinned);
    private readonly Tensor? _weights = weights is null ? null : ImageBatch.Allocate([capacity], ScalarType.Float32, pinned);
    private BlockingCollection<HostBatch>? _home;

    /// <summary>Adds an image.</summary>
    public void Add(LabeledImage image, PixelCodec codec)
    {
        codec.Unpack(image.Pixels, _images.Image(Count));
        MemoryMarshal.Cast<byte, long>(_labels.bytes)[Count] = image.Label;
        if (_weights is not null)
            MemoryMarshal.Cast<byte, float>(_weights.bytes)[Count] = weights!.Of(image);
        Count++;
    }

    /// <inheritdoc/>
    public override (Tensor Images, Tensor Labels) To(Device device) =>
        (_images.To(device, Count), _labels.narrow(0, 0, Count).to(device, non_blocking: true));

    /// <inheritdoc/>
    public override Tensor? WeightsTo(Device device) => _weights?.narrow(0, 0, Count).to(device, non_blocking: true);

    /// <inheritdoc/>
    public override void Release() => _home!.Add(this);

    internal void StartPass(BlockingCollection<HostBatch> home)
    {
        _home = home;
        home.Add(this);
    }

    public void Dispose()
    {
        _images.Dispose();
        _labels.Dispose();
        _weights?.Dispose();
    }
}
