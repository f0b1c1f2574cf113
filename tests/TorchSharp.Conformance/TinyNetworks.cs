using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharpConformance;

/// <summary>A residual network of two blocks; Golden/make_nn_goldens.py holds the same one.</summary>
internal sealed class TinyResNet : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(3, 4, 3, 2, 1, bias: false);
    private readonly BatchNorm2d bn1 = BatchNorm2d(4);
    private readonly Sequential layer1 = Sequential(new ResidualBlock(), new ResidualBlock());
    private readonly AdaptiveAvgPool2d avgpool = AdaptiveAvgPool2d(1);
    private readonly Linear fc = Linear(4, 3);

    public TinyResNet() : base(nameof(TinyResNet)) => RegisterComponents();

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var features = layer1.call(functional.relu(bn1.call(conv1.call(input))));
        return scope.MoveToOuter(fc.call(avgpool.call(features).flatten(1)));
    }
}

internal sealed class ResidualBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(4, 4, 3, 1, 1, bias: false);
    private readonly BatchNorm2d bn1 = BatchNorm2d(4);
    private readonly Conv2d conv2 = Conv2d(4, 4, 3, 1, 1, bias: false);
    private readonly BatchNorm2d bn2 = BatchNorm2d(4);

    public ResidualBlock() : base(nameof(ResidualBlock)) => RegisterComponents();

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var branch = functional.relu(bn1.call(conv1.call(input)));
        return scope.MoveToOuter(functional.relu(bn2.call(conv2.call(branch)) + input));
    }
}
