using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Fills batches on a thread of its own, a few ahead of the device. The batches' memory is used again and again.</summary>
internal sealed class DataLoader : IDisposable
{
    private const int BatchesAhead = 3;

    private readonly ImageSet _images;
    private readonly int[] _sizes;
    private readonly ImageBatch[] _batches;

    /// <param name="images">What to walk through.</param>
    /// <param name="batchSize">Images per batch. A last batch of one joins the one before.</param>
    /// <param name="device">Where the batches go; memory for a CUDA device is pinned.</param>
    public DataLoader(ImageSet images, int batchSize, Device device)
    {
        _images = images;
        _sizes = Sizes(images.Count, batchSize);
        _batches = new ImageBatch[Math.Min(BatchesAhead, _sizes.Length)];
        for (int i = 0; i < _batches.Length; i++)
            _batches[i] = new ImageBatch(images.Layout, _sizes.Max(), device.type == DeviceType.CUDA);
    }

    /// <summary>Batches per pass.</summary>
    public int BatchCount => _sizes.Length;

    /// <summary>The sizes of the batches that cover a number of images.</summary>
    public static int[] Sizes(int count, int batchSize)
    {
        int full = count / batchSize;
        int rest = count % batchSize;
        var sizes = Enumerable.Repeat(batchSize, full).ToList();
        if (rest == 1 && full > 0)
            sizes[^1]++;
        else if (rest > 0)
            sizes.Add(rest);
        return [.. sizes];
    }

    /// <summary>
    /// One pass. A batch belongs to the caller until it is handed back by <see cref="ImageBatch.Release"/>; at most two may
    /// be out at a time.
    /// </summary>
    /// <param name="shuffleSeed">The order; null for the order of the data.</param>
    /// <param name="cancellation">Ends the pass with an <see cref="OperationCanceledException"/>.</param>
    public IEnumerable<ImageBatch> Pass(int? shuffleSeed, CancellationToken cancellation)
    {
        var free = new BlockingCollection<ImageBatch>();
        foreach (var batch in _batches)
            batch.StartPass(free);
        using var filled = new Prefetcher<ImageBatch>("Data loader", BatchesAhead, stop => Fill(shuffleSeed, free, stop), cancellation);
        while (filled.TryRead(out var batch))
            yield return batch;
    }

    public void Dispose()
    {
        foreach (var batch in _batches)
            batch.Dispose();
    }

    private IEnumerable<ImageBatch> Fill(int? shuffleSeed, BlockingCollection<ImageBatch> free, CancellationToken stop)
    {
        using var images = _images.Read(shuffleSeed, stop).GetEnumerator();
        foreach (int size in _sizes)
        {
            var batch = free.Take(stop);
            batch.Count = 0;
            while (batch.Count < size && images.MoveNext())
                batch.Add(images.Current, _images.Codec);
            if (batch.Count > 0)
                yield return batch;
        }
    }
}

/// <summary>Images and labels that go through the network together: bytes or floats, as the column holds them.</summary>
internal sealed class ImageBatch : IDisposable
{
    private readonly ImageLayout _layout;
    private readonly Tensor _images;
    private readonly Tensor _labels;
    private BlockingCollection<ImageBatch>? _home;

    public ImageBatch(ImageLayout layout, int capacity, bool pinned)
    {
        _layout = layout;
        var shape = layout.Shape;
        _images = Allocate(layout.Interleaved
            ? [capacity, shape.Height, shape.Width, shape.Channels]
            : [capacity, shape.Channels, shape.Height, shape.Width], layout.IsBytes ? ScalarType.Byte : ScalarType.Float32, pinned);
        _labels = Allocate([capacity], ScalarType.Int64, pinned);
    }

    /// <summary>The number of images.</summary>
    public int Count { get; set; }

    /// <summary>Adds an image.</summary>
    public void Add(LabeledImage image, PixelCodec codec)
    {
        codec.Unpack(image.Pixels, _images.bytes.Slice(Count * _layout.Bytes, _layout.Bytes));
        MemoryMarshal.Cast<byte, long>(_labels.bytes)[Count] = image.Label;
        Count++;
    }

    /// <summary>
    /// The images on a device, [N, C, H, W], bytes or float32, and their labels, [N]. Valid until <see cref="Release"/>.
    /// </summary>
    public (Tensor Images, Tensor Labels) To(Device device)
    {
        var images = _images.narrow(0, 0, Count).to(device, non_blocking: true);
        return (_layout.Interleaved ? images.permute(0, 3, 1, 2) : images,
            _labels.narrow(0, 0, Count).to(device, non_blocking: true));
    }

    /// <summary>Gives the batch back to be filled again.</summary>
    public void Release() => _home!.Add(this);

    internal void StartPass(BlockingCollection<ImageBatch> home)
    {
        _home = home;
        home.Add(this);
    }

    public void Dispose()
    {
        _images.Dispose();
        _labels.Dispose();
    }

    private static Tensor Allocate(long[] shape, ScalarType type, bool pinned)
    {
        using var scope = NewDisposeScope();
        var tensor = empty(shape, type);
        return (pinned ? tensor.pin_memory() : tensor).DetachFromDisposeScope();
    }
}
