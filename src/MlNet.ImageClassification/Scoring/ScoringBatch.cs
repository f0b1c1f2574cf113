using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Images that are scored together, bytes or float32, in memory that a network reads without a copy.</summary>
internal sealed class ScoringBatch : IDisposable
{
    private readonly Tensor _images;

    /// <param name="layout">How the values of an image lie.</param>
    /// <param name="capacity">How many images there may be.</param>
    public ScoringBatch(ImageLayout layout, int capacity)
    {
        Layout = layout;
        var shape = layout.Shape;
        long[] size = layout.Interleaved
            ? [capacity, shape.Height, shape.Width, shape.Channels]
            : [capacity, shape.Channels, shape.Height, shape.Width];
        _images = empty(size, layout.IsBytes ? ScalarType.Byte : ScalarType.Float32).DetachFromDisposeScope();
    }

    public ImageLayout Layout { get; }

    /// <summary>The bytes that an image takes.</summary>
    public static int BytesOf(ImageLayout layout) => layout.IsBytes ? layout.Size : layout.Size * sizeof(float);

    /// <summary>The memory of one image's values.</summary>
    public Span<byte> Image(int index) => _images.bytes.Slice(index * BytesOf(Layout), BytesOf(Layout));

    /// <summary>The first images, [N, C, H, W].</summary>
    public Tensor Images(int count)
    {
        var images = _images.narrow(0, 0, count);
        return Layout.Interleaved ? images.permute(0, 3, 1, 2) : images;
    }

    public void Dispose() => _images.Dispose();
}
