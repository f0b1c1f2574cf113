using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Images and labels that go through the network together.</summary>
/// <param name="layout">How the values of an image lie.</param>
/// <param name="capacity">How many images there may be.</param>
/// <param name="pinned">Whether the memory is pinned, for a CUDA device.</param>
/// <param name="weights">How much each image counts; null where all count alike.</param>
internal sealed class LabeledBatch(ImageLayout layout, int capacity, bool pinned, ImageWeights? weights = null) : IDisposable
{
    private readonly ImageBatch _images = new(layout, capacity, pinned);
    private readonly Tensor _labels = ImageBatch.Allocate([capacity], ScalarType.Int64, pinned);
    private readonly Tensor? _weights = weights is null ? null : ImageBatch.Allocate([capacity], ScalarType.Float32, pinned);
    private BlockingCollection<LabeledBatch>? _home;

    /// <summary>The number of images.</summary>
    public int Count { get; set; }

    /// <summary>The images of the step it belongs to: more where other processes take a part of them.</summary>
    public int StepCount { get; set; }

    /// <summary>Adds an image.</summary>
    public void Add(LabeledImage image, PixelCodec codec)
    {
        codec.Unpack(image.Pixels, _images.Image(Count));
        MemoryMarshal.Cast<byte, long>(_labels.bytes)[Count] = image.Label;
        if (_weights is not null)
            MemoryMarshal.Cast<byte, float>(_weights.bytes)[Count] = weights!.Of(image);
        Count++;
    }

    /// <summary>
    /// The images on a device, [N, C, H, W], bytes or float32, and their labels, [N]. Valid until <see cref="Release"/>.
    /// </summary>
    public (Tensor Images, Tensor Labels) To(Device device) =>
        (_images.To(device, Count), _labels.narrow(0, 0, Count).to(device, non_blocking: true));

    /// <summary>How much each image counts, [N], float32; null where all count alike.</summary>
    public Tensor? WeightsTo(Device device) => _weights?.narrow(0, 0, Count).to(device, non_blocking: true);

    /// <summary>Gives the batch back to be filled again.</summary>
    public void Release() => _home!.Add(this);

    internal void StartPass(BlockingCollection<LabeledBatch> home)
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
