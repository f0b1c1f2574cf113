using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>The size of a network and the work of one image.</summary>
/// <param name="ParameterCount">Trained values.</param>
/// <param name="MultiplyAdds">Multiply-add pairs of the convolutions and the classifier for one image.</param>
internal sealed record NetworkSummary(long ParameterCount, long MultiplyAdds)
{
    // Layers report their work to the summary that is being made on their thread, if any.
    [ThreadStatic]
    private static long? _counted;

    /// <summary>Counts by passing one blank image of <see cref="ClassificationNetwork.InputShape"/> through the network.</summary>
    /// <param name="network">The network, not folded; it is left as it is.</param>
    public static NetworkSummary Of(ClassificationNetwork network)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var parameters = network.parameters().ToArray();
        var shape = network.InputShape;
        var image = zeros([1, shape.Channels, shape.Height, shape.Width], device: parameters[0].device);

        var wasTraining = network.training;
        network.eval();
        _counted = 0;
        try
        {
            network.forward(image);
            return new NetworkSummary(parameters.Sum(parameter => parameter.numel()), _counted.Value);
        }
        finally
        {
            _counted = null;
            network.train(wasTraining);
        }
    }

    internal static void CountConvolution(Tensor output, Tensor weight)
    {
        if (_counted is null)
            return;

        // Each output value is one window of input channels x height x width.
        var window = weight.shape;
        _counted += output.numel() * window[1] * window[2] * window[3];
    }

    internal static void CountLinear(Tensor output, Tensor weight)
    {
        if (_counted is not null)
            _counted += output.numel() * weight.shape[1];
    }
}
