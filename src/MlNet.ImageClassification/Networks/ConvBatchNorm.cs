using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// A convolution and the batch norm after it. Not a module of its own: the two stay siblings in their block, so that the
/// state dictionary has the names other implementations use.
/// </summary>
/// <param name="convolution">The convolution.</param>
/// <param name="norm">The norm of its output.</param>
internal sealed class ConvBatchNorm(Conv2dLayer convolution, BatchNormLayer norm)
{
    /// <summary>Convolution, norm and, where asked, ReLU. Keeps nothing that the gradient does not need.</summary>
    /// <param name="input">Images or features, [N, C, H, W]; left alone.</param>
    /// <param name="relu">Whether negative values become zero.</param>
    /// <returns>[N, C', H', W'], in the type of the input.</returns>
    public Tensor Forward(Tensor input, bool relu)
    {
        using var convolved = convolution.forward(input);
        var output = norm.forward(convolved);

        // In place: neither the norm's gradient nor the convolution's looks at its own output.
        if (relu)
            output.relu_();
        return output;
    }

    /// <summary>Adds a shortcut to the output of a block, then ReLU, both in place.</summary>
    /// <param name="output">The block's output, from a <see cref="Forward(Tensor, bool)"/> without ReLU; overwritten.</param>
    /// <param name="shortcut">What to add, of the same shape; left alone.</param>
    /// <returns>The block's output.</returns>
    public static Tensor AddThenRelu(Tensor output, Tensor shortcut)
    {
        output.AddInPlace(shortcut);
        output.relu_();
        return output;
    }

    /// <summary>Describes what <see cref="Forward(Tensor, bool)"/> computes in evaluation.</summary>
    public string WriteTo(INetworkGraph graph, string input, bool relu)
    {
        var output = convolution.WriteTo(graph, input, norm);
        return relu ? graph.Relu(output) : output;
    }

    /// <summary>Sets the norm's scale to zero, so that a residual block that ends here starts as its shortcut.</summary>
    public void ZeroScale() => norm.ZeroScale();
}
