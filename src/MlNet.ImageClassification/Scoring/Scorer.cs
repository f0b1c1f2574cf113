using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Computes what a network gives for images: class probabilities, features, heat maps. The network is made ready when the first image comes. Any number of threads may
/// score; the network serves one at a time, as each forward pass uses all cores or the whole device.
/// </summary>
/// <param name="definition">What the network is.</param>
/// <param name="weights">Its weights.</param>
/// <param name="target">Where it scores.</param>
/// <param name="network">The network with these weights; null where it is still to be built.</param>
/// <param name="output">What is computed.</param>
internal sealed class Scorer(
    ModelDefinition definition, NetworkWeights weights, ComputeTarget target, ClassificationNetwork? network, NetworkOutput output)
    : IDisposable
{
    private readonly Lock _lock = new();
    private ClassificationNetwork? _trained = network;
    private InferenceNetwork? _network;
    private Preprocessing? _preprocessing;
    private ImageBatch? _single;
    private bool _disposed;

    /// <summary>What is computed.</summary>
    public NetworkOutput Output => output;

    /// <summary>The network's weights.</summary>
    public NetworkWeights Weights => weights;

    /// <summary>Computes the output of the first images of a batch.</summary>
    /// <param name="batch">The images.</param>
    /// <param name="count">How many of them.</param>
    /// <param name="values">Room for <paramref name="count"/> times the output's size.</param>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    /// <exception cref="InvalidOperationException">The device has too little memory.</exception>
    public void Score(ImageBatch batch, int count, Span<float> values)
    {
        lock (_lock)
        {
            CheckNotDisposed();
            LibTorch.Load();
            using var scope = NewDisposeScope();
            try
            {
                _network ??= MakeReady();
                _preprocessing ??= new Preprocessing(definition.Normalization, target.Device);
                var computed = output.Of(_network, _preprocessing.Apply(batch.To(target.Device, count))).cpu().contiguous();
                MemoryMarshal.Cast<byte, float>(computed.bytes).CopyTo(values);
            }
            catch (Exception e) when (OutOfMemory.Is(e))
            {
                throw OutOfMemory.WhileScoring(e, target, count, definition.Layout.Shape);
            }
        }
    }

    /// <summary>Computes the output of one image.</summary>
    /// <param name="image">Its values, as a <see cref="ImageBatch"/> holds them.</param>
    /// <param name="layout">How they lie.</param>
    /// <param name="values">Room for the output's size.</param>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void Score(ReadOnlySpan<byte> image, ImageLayout layout, Span<float> values)
    {
        lock (_lock)
        {
            CheckNotDisposed();
            if (_single is null || _single.Layout != layout)
            {
                _single?.Dispose();
                _single = new ImageBatch(layout, 1, pinned: false);
            }
            image.CopyTo(_single.Image(0));
            Score(_single, 1, values);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _trained?.Dispose();
            _network?.Dispose();
            _preprocessing?.Dispose();
            _single?.Dispose();
        }
    }

    private void CheckNotDisposed()
    {
        if (_disposed)
            throw new ObjectDisposedException(
                output.Transformer.FullName,
                "The model was disposed and can no longer score. A PredictionEngine disposes its model with itself; to use the model " +
                "further, make the engine with new PredictionEngineOptions { OwnsTransformer = false }.");
    }

    private InferenceNetwork MakeReady()
    {
        NativeMemory.KeepFreedPages();
        using var trained = _trained ?? definition.BuildNetwork(weights);
        _trained = null;
        return new InferenceNetwork(trained, target.Device, target.Type);
    }
}
