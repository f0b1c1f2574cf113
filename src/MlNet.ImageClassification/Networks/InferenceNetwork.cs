using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// A trained network made ready to score: batch norms folded into the convolutions, weights cast and laid out once. Scores
/// of an image do not depend on the other images of its batch. Safe to call from several threads.
/// </summary>
internal sealed class InferenceNetwork : IDisposable
{
    private readonly ClassificationNetwork _network;

    /// <summary>Makes a scoring copy; the trained network stays as it is and may be disposed.</summary>
    /// <param name="trained">The network to copy.</param>
    /// <param name="device">Where to score.</param>
    /// <param name="type">Float32, BFloat16 or Float16: the type convolutions compute in.</param>
    /// <exception cref="ArgumentException">The type is another.</exception>
    public InferenceNetwork(ClassificationNetwork trained, Device device, ScalarType type)
        : this(device, type, CopyOf(trained))
    {
    }

    private InferenceNetwork(Device device, ScalarType type, ClassificationNetwork owned)
    {
        (Device, Type, _network) = (device, type, owned);
        try
        {
            if (type is not (ScalarType.Float32 or ScalarType.BFloat16 or ScalarType.Float16))
                throw new ArgumentException($"A network scores in Float32, BFloat16 or Float16, not {type}.", nameof(type));
            _network.eval();
            foreach (var unit in _network.ConvBatchNorms)
                unit.Fuse(device, type);
            _network.Classifier.to(device);
        }
        catch
        {
            _network.Dispose();
            throw;
        }
    }

    /// <summary>Makes a network itself ready to score, for good. It is disposed with the result, or when this fails.</summary>
    internal static InferenceNetwork TakeOver(ClassificationNetwork network, Device device, ScalarType type) =>
        new(device, type, network);

    /// <summary>Where the network scores.</summary>
    public Device Device { get; }

    /// <summary>The type convolutions compute in.</summary>
    public ScalarType Type { get; }

    /// <summary>Computes logits.</summary>
    /// <param name="images">[N, channels, height, width], any floating-point type, any device.</param>
    /// <returns>[N, classes], float32, on <see cref="Device"/>.</returns>
    public Tensor Logits(Tensor images)
    {
        using var noGrad = no_grad();
        using var input = images.to(Type, Device);
        return _network.forward(input);
    }

    /// <summary>Computes class probabilities.</summary>
    /// <param name="images">[N, channels, height, width], any floating-point type, any device.</param>
    /// <returns>[N, classes], float32, rows sum to one, on <see cref="Device"/>.</returns>
    public Tensor Probabilities(Tensor images)
    {
        using var noGrad = no_grad();
        using var logits = Logits(images);
        return logits.softmax(1);
    }

    /// <summary>Computes what the classifier works on.</summary>
    /// <param name="images">[N, channels, height, width], any floating-point type, any device.</param>
    /// <returns>[N, features], float32, on <see cref="Device"/>.</returns>
    public Tensor Features(Tensor images)
    {
        using var noGrad = no_grad();
        using var input = images.to(Type, Device);
        using var features = _network.Embed(input);
        return features.to_type(ScalarType.Float32);
    }

    /// <summary>Computes where in the images the network sees a class.</summary>
    /// <param name="images">[N, channels, height, width], any floating-point type, any device.</param>
    /// <param name="classIndex">The class, counted from 0; null for the most probable one of each image.</param>
    /// <returns>The classes, [N], int64, and the heat, [N, height, width], float32, 0 to 1, on <see cref="Device"/>.</returns>
    public (Tensor Classes, Tensor Heat) HeatMaps(Tensor images, int? classIndex)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (maps, logits) = _network.MapsAndLogits(images.to(Type, Device));
        var classes = classIndex is int given ? full([images.shape[0]], given, ScalarType.Int64, Device) : logits.argmax(1);
        var heat = ClassHeatMaps.Of(maps, _network.Classifier, classes);
        return (classes.MoveToOuterDisposeScope(),
            ClassHeatMaps.Enlarge(heat, (int)images.shape[2], (int)images.shape[3]).MoveToOuterDisposeScope());
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => _network.Dispose();

    private static ClassificationNetwork CopyOf(ClassificationNetwork trained)
    {
        var copy = trained.Family.Create(trained.Architecture, trained.InputShape, trained.ClassCount);
        copy.CopyStateFrom(trained);
        return copy;
    }
}
