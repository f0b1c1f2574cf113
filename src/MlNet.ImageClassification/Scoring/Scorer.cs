using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Computes class probabilities of images. The network is made ready when the first image comes. Any number of threads may
/// score; the network serves one at a time, as each forward pass uses all cores or the whole device.
/// </summary>
internal sealed class Scorer(ModelDefinition definition, NetworkWeights weights, ComputeDevice device) : IDisposable
{
    private readonly Lock _lock = new();
    private InferenceNetwork? _network;
    private Preprocessing? _preprocessing;
    private bool _disposed;

    /// <summary>Space for images that are scored together.</summary>
    /// <param name="layout">How their values will lie.</param>
    /// <param name="capacity">How many there may be.</param>
    public static ScoringBatch NewBatch(ImageLayout layout, int capacity) => new(layout, capacity);

    /// <summary>Computes the probabilities of the first images of a batch.</summary>
    /// <param name="batch">The images.</param>
    /// <param name="count">How many of them.</param>
    /// <param name="probabilities">Room for <paramref name="count"/> times the number of classes.</param>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void Score(ScoringBatch batch, int count, Span<float> probabilities)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(ImageClassificationTransformer));
            LibTorch.Load();
            using var scope = NewDisposeScope();
            _network ??= Load();
            _preprocessing ??= new Preprocessing(definition.Normalization, _network.Device);
            var scores = _network.Probabilities(_preprocessing.Apply(batch.Images(count).to(_network.Device))).cpu().contiguous();
            MemoryMarshal.Cast<byte, float>(scores.bytes).CopyTo(probabilities);
        }
    }

    /// <summary>Computes the probabilities of one image.</summary>
    /// <param name="image">Its values.</param>
    /// <param name="layout">How they lie.</param>
    /// <param name="probabilities">Room for the number of classes.</param>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void Score(ReadOnlySpan<float> image, ImageLayout layout, Span<float> probabilities)
    {
        using var batch = NewBatch(layout, 1);
        image.CopyTo(batch.Image(0));
        Score(batch, 1, probabilities);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _network?.Dispose();
            _preprocessing?.Dispose();
            _network = null;
        }
    }

    private InferenceNetwork Load()
    {
        NativeMemory.KeepFreedPages();
        var target = ComputeTarget.Resolve(device, definition.Precision);
        using var trained = NetworkFamily.Find(definition.FamilyAssembly, definition.FamilyName)
            .Create(definition.Architecture, definition.Layout.Shape, definition.ClassCount);
        weights.CopyTo(trained);
        return new InferenceNetwork(trained, target.Device, target.Type);
    }
}

/// <summary>Images that are scored together, in memory that a network reads without a copy.</summary>
internal sealed class ScoringBatch : IDisposable
{
    private readonly ImageLayout _layout;
    private readonly Tensor _images;

    public ScoringBatch(ImageLayout layout, int capacity)
    {
        _layout = layout;
        var shape = layout.Shape;
        long[] size = layout.Interleaved
            ? [capacity, shape.Height, shape.Width, shape.Channels]
            : [capacity, shape.Channels, shape.Height, shape.Width];
        _images = empty(size, ScalarType.Float32).DetachFromDisposeScope();
    }

    /// <summary>The values of one image.</summary>
    public Span<float> Image(int index) =>
        MemoryMarshal.Cast<byte, float>(_images.bytes).Slice(index * _layout.Size, _layout.Size);

    /// <summary>The first images, [N, C, H, W].</summary>
    public Tensor Images(int count)
    {
        var images = _images.narrow(0, 0, count);
        return _layout.Interleaved ? images.permute(0, 3, 1, 2) : images;
    }

    public void Dispose() => _images.Dispose();
}
