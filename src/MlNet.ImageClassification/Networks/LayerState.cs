using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Makes and fills the tensors a layer owns. They outlive any scope open while the layer is made.</summary>
internal static class LayerState
{
    public static Parameter Parameter(Tensor values)
    {
        var parameter = nn.Parameter(values);
        parameter.DetachFromDisposeScope();
        return parameter;
    }

    public static Tensor Buffer(Tensor values) => values.DetachFromDisposeScope();

    public static void SetNormal(Tensor target, double deviation, Generator generator)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        target.copy_(randn(target.shape, generator: generator).MultiplyBy(deviation));
    }

    public static void SetUniform(Tensor target, double bound, Generator generator)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        target.copy_(rand(target.shape, generator: generator).MultiplyBy(2 * bound).AddInPlace(-bound));
    }
}
