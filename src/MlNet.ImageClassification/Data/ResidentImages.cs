using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// All images of a set on the device, packed, with their labels: a batch is gathered there by the numbers of its images, and a step
/// waits for nothing from the host. The batches are, bit by bit, those that the host would have filled.
/// </summary>
internal sealed class ResidentImages : IDisposable
{
    private const int StagedBytes = 64 << 20;
    private const int LargestShareOfMemory = 4;

    private readonly ImageLayout _layout;
    private readonly Tensor _pixels;
    private readonly Tensor _labels;
    private readonly Tensor? _weights;

    // Where pixels are codes: the values of the channels, one after the other, and where those of each begin.
    private readonly Tensor? _palette;
    private readonly Tensor? _firstCodes;
    private Tensor? _order;

    /// <param name="images">The images.</param>
    /// <param name="weights">How much each counts; null where all count alike.</param>
    /// <param name="device">Where they are to be.</param>
    public ResidentImages(ImageCache images, ImageWeights? weights, Device device)
    {
        using var scope = NewDisposeScope();
        _layout = images.Layout;
        var stored = Stored(images);
        _pixels = empty(stored.ShapeOf(images.Count), stored.IsBytes ? ScalarType.Byte : ScalarType.Float32, device).DetachFromDisposeScope();
        Fill(images, stored);
        _labels = tensor(images.Images.Select(image => (long)image.Label).ToArray(), device: device).DetachFromDisposeScope();
        if (weights is not null)
            _weights = tensor(images.Images.Select(weights.Of).ToArray(), device: device).DetachFromDisposeScope();
        if (stored == _layout)
            return;
        int channels = _layout.Shape.Channels;
        _palette = tensor(images.Codec.Palette, device: device).DetachFromDisposeScope();
        _firstCodes = tensor(
            Enumerable.Range(0, channels).Select(channel => channel * PixelPalette.Capacity).ToArray(),
            _layout.Interleaved ? [channels] : [channels, 1, 1], device: device).DetachFromDisposeScope();
    }

    /// <summary>Whether images are to be on a device: they are in memory, and leave three quarters of what is free on it.</summary>
    /// <param name="images">The images.</param>
    /// <param name="freeBytes">The device's free memory.</param>
    public static bool Fit(ImageSet images, long freeBytes) =>
        images is ImageCache cache && (long)cache.Count * Stored(cache).Bytes <= freeBytes / LargestShareOfMemory;

    /// <summary>One pass; a batch is valid until the next.</summary>
    /// <param name="order">The images by their numbers.</param>
    /// <param name="batches">How many of them are in each batch, and how many images its step has.</param>
    /// <param name="cancellation">Ends the pass with an <see cref="OperationCanceledException"/>.</param>
    public IEnumerable<LabeledBatch> Pass(int[] order, IEnumerable<(int Count, int StepCount)> batches, CancellationToken cancellation)
    {
        _order?.Dispose();
        _order = tensor(order, device: _pixels.device).DetachFromDisposeScope();
        int first = 0;
        foreach (var (count, stepCount) in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return new Batch(this, first) { Count = count, StepCount = stepCount };
            first += count;
        }
    }

    public void Dispose()
    {
        foreach (var tensor in new[] { _pixels, _labels, _weights, _palette, _firstCodes, _order })
            tensor?.Dispose();
    }

    // Codes are stored as bytes where all images could be packed into them.
    private static ImageLayout Stored(ImageCache images) =>
        images.Layout with { IsBytes = images.Images.All(image => image.Pixels.Length == images.Layout.Size) };

    private void Fill(ImageCache images, ImageLayout stored)
    {
        int capacity = Math.Clamp(StagedBytes / stored.Bytes, 1, images.Count);
        using var staged = new ImageBatch(stored, capacity, pinned: false);
        for (int first = 0; first < images.Count; first += capacity)
        {
            using var scope = NewDisposeScope();
            int count = Math.Min(capacity, images.Count - first);
            for (int i = 0; i < count; i++)
                images.Codec.Unpack(images.Images[first + i].Pixels, staged.Image(i));
            ImageBatch.ByChannel(_pixels.narrow(0, first, count), stored).copy_(staged.To(CPU, count));
        }
    }

    private Tensor Gather(Tensor numbers)
    {
        var images = _pixels.index_select(0, numbers);
        if (_palette is not null)
            images = _palette.index_select(0, (images.to_type(ScalarType.Int32) + _firstCodes!).flatten()).view(images.shape);
        return ImageBatch.ByChannel(images, _layout);
    }

    private sealed class Batch(ResidentImages images, int first) : LabeledBatch
    {
        private Tensor Numbers => images._order!.narrow(0, first, Count);

        public override (Tensor Images, Tensor Labels) To(Device device) =>
            (images.Gather(Numbers).to(device), images._labels.index_select(0, Numbers).to(device));

        public override Tensor? WeightsTo(Device device) => images._weights?.index_select(0, Numbers).to(device);

        public override void Release()
        {
        }
    }
}
