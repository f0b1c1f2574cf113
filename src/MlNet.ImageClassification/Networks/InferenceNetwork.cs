using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// A trained network made ready to score: batch norms folded into the convolutions, weights cast and laid out once, the whole way to the
/// feature maps one call of a program. Scores of an image do not depend on the other images of its batch. Safe to call from several threads.
/// </summary>
internal sealed class InferenceNetwork : IDisposable
{
    private readonly string _architecture;
    private readonly ImageShape _input;
    private readonly FeatureMapProgram _program;
    private readonly Tensor _classifierWeight;
    private readonly Tensor _classifierBias;

    /// <summary>Makes a network ready to score; the trained network stays as it is and may be disposed.</summary>
    /// <param name="trained">The trained network, on any device.</param>
    /// <param name="device">Where to score.</param>
    /// <param name="type">Float32, BFloat16 or Float16: the type convolutions compute in.</param>
    /// <exception cref="ArgumentException">The type is another.</exception>
    public InferenceNetwork(ClassificationNetwork trained, Device device, ScalarType type)
    {
        if (type is not (ScalarType.Float32 or ScalarType.BFloat16 or ScalarType.Float16))
            throw new ArgumentException($"A network scores in Float32, BFloat16 or Float16, not {type}.", nameof(type));
        (Device, Type, _architecture, _input) = (device, type, trained.Architecture, trained.InputShape);
        _program = new FeatureMapProgram(trained.WriteFeatureMapsTo, trained.InputShape, device, type);
        (_classifierWeight, _classifierBias) = (Copy(trained.Classifier.Weight), Copy(trained.Classifier.Bias));

        Tensor Copy(Tensor parameter)
        {
            using var detached = parameter.detach();
            return detached.to(device, copy: true).DetachFromDisposeScope();
        }
    }

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
        using var features = Features(images);
        return Classify(features);
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
        using var maps = Maps(images);
        return Average(maps);
    }

    /// <summary>Computes where in the images the network sees a class.</summary>
    /// <param name="images">[N, channels, height, width], any floating-point type, any device.</param>
    /// <param name="classIndex">The class, counted from 0; null for the most probable one of each image.</param>
    /// <returns>The classes, [N], int64, and the heat, [N, height, width], float32, 0 to 1, on <see cref="Device"/>.</returns>
    public (Tensor Classes, Tensor Heat) HeatMaps(Tensor images, int? classIndex)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var maps = Maps(images);
        var classes = classIndex is int given
            ? full([images.shape[0]], given, ScalarType.Int64, Device)
            : Classify(Average(maps)).argmax(1);
        var heat = ClassHeatMaps.Of(maps, _classifierWeight, classes);
        return (classes.MoveToOuterDisposeScope(),
            ClassHeatMaps.Enlarge(heat, (int)images.shape[2], (int)images.shape[3]).MoveToOuterDisposeScope());
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        _program.Dispose();
        _classifierWeight.Dispose();
        _classifierBias.Dispose();
    }

    private Tensor Classify(Tensor features) => nn.functional.linear(features, _classifierWeight, _classifierBias);

    private static Tensor Average(Tensor maps) => maps.mean([2, 3], type: ScalarType.Float32);

    private Tensor Maps(Tensor images)
    {
        ClassificationNetwork.Check(images, _architecture, _input.Channels);
        if (images.shape[2] != _input.Height || images.shape[3] != _input.Width)
            throw new ArgumentException(
                $"'{_architecture}' was made ready for images of {_input}; these are [{string.Join(", ", images.shape)}].", nameof(images));
        SignalStack.Ensure();
        using var cast = images.to(Type, Device);
        using var input = ChannelsLast.Of(cast);
        return _program.Run(input);
    }
}
