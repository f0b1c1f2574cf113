using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Images that go through the network together, bytes or float32, in memory that is filled again and again.</summary>
internal sealed class ImageBatch : IDisposable
{
    private readonly Tensor _images;

    /// <param name="layout">How the values of an image lie.</param>
    /// <param name="capacity">How many images there may be.</param>
    /// <param name="pinned">Whether the memory is pinned, for a CUDA device.</param>
    public ImageBatch(ImageLayout layout, int capacity, bool pinned)
    {
        Layout = layout;
        _images = Allocate(layout.ShapeOf(capacity), layout.IsBytes ? ScalarType.Byte : ScalarType.Float32, pinned);
    }

    public ImageLayout Layout { get; }

    /// <summary>The memory of one image's values.</summary>
    public Span<byte> Image(int index) => _images.bytes.Slice(index * Layout.Bytes, Layout.Bytes);

    /// <summary>The first images on a device, [N, C, H, W], bytes or float32.</summary>
    public Tensor To(Device device, int count) => ByChannel(_images.narrow(0, 0, count).to(device, non_blocking: true), Layout);

    public void Dispose() => _images.Dispose();

    /// <summary>Images as they lie in memory, seen as [N, C, H, W].</summary>
    internal static Tensor ByChannel(Tensor images, ImageLayout layout) => layout.Interleaved ? images.permute(0, 3, 1, 2) : images;

    internal static Tensor Allocate(long[] shape, ScalarType type, bool pinned)
    {
        using var scope = NewDisposeScope();
        var tensor = empty(shape, type);
        return (pinned ? tensor.pin_memory() : tensor).DetachFromDisposeScope();
    }
}
