using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>A fully connected layer. It computes in the type of its weight, float32: a classifier is cheap, and its logits decide.</summary>
internal sealed class LinearLayer : nn.Module<Tensor, Tensor>, IInitializedLayer
{
    // Named as the state dictionary names them.
    private readonly Parameter weight;
    private readonly Parameter bias;

    /// <summary>Makes the layer, its parameters zero.</summary>
    /// <param name="inputs">Features in.</param>
    /// <param name="outputs">Values out.</param>
    public LinearLayer(int inputs, int outputs)
        : base(nameof(LinearLayer))
    {
        weight = LayerState.Parameter(zeros([outputs, inputs]));
        bias = LayerState.Parameter(zeros([outputs]));
        RegisterComponents();
    }

    /// <summary>[values out, features in].</summary>
    public Tensor Weight => weight;

    /// <summary>[values out].</summary>
    public Tensor Bias => bias;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var features = input.to_type(weight.dtype);
        var output = nn.functional.linear(features, weight, bias);
        NetworkSummary.CountLinear(output, weight);
        return output;
    }

    /// <summary>Features in.</summary>
    public int Inputs => (int)weight.shape[1];

    /// <summary>Takes over the parameters of a layer of the same size, from any device.</summary>
    public void CopyFrom(LinearLayer other)
    {
        using var noGrad = no_grad();
        weight.copy_(other.weight);
        bias.copy_(other.bias);
    }

    /// <summary>Describes what the layer computes.</summary>
    public string WriteTo(OnnxGraph graph, string input) => graph.Linear(input, weight, bias);

    /// <summary>Uniform in +-1/sqrt(inputs), weight and bias alike.</summary>
    /// <inheritdoc cref="IInitializedLayer.Initialize"/>
    public void Initialize(Generator generator)
    {
        var bound = 1 / Math.Sqrt(weight.shape[1]);
        LayerState.SetUniform(weight, bound, generator);
        LayerState.SetUniform(bias, bound, generator);
    }
}
