using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ResNet;

/// <summary>A few convolutions beside a shortcut, whose sum passes a ReLU.</summary>
internal abstract class ResidualBlock(string name, int outputChannels) : nn.Module<Tensor, Tensor>(name)
{
    public int OutputChannels { get; } = outputChannels;

    /// <summary>The convolutions in their order, each with its norm.</summary>
    protected abstract IReadOnlyList<ConvBatchNorm> Branch { get; }

    /// <summary>The convolution that brings the input to the output's shape, or null where it has that shape already.</summary>
    protected abstract Projection? Shortcut { get; }

    /// <summary>Makes the block start as its shortcut.</summary>
    public void ZeroInitResidual() => Branch[^1].ZeroScale();

    public sealed override Tensor forward(Tensor input)
    {
        var output = Branch[0].Forward(input, relu: true);
        for (var i = 1; i < Branch.Count; i++)
        {
            using var previous = output;
            output = Branch[i].Forward(previous, relu: i < Branch.Count - 1);
        }

        if (Shortcut is null)
            return ConvBatchNorm.AddThenRelu(output, input);

        using var projected = Shortcut.forward(input);
        return ConvBatchNorm.AddThenRelu(output, projected);
    }

    /// <summary>Describes what the block computes in evaluation.</summary>
    public string WriteTo(INetworkGraph graph, string input)
    {
        var output = input;
        for (var i = 0; i < Branch.Count; i++)
            output = Branch[i].WriteTo(graph, output, relu: i < Branch.Count - 1);
        var shortcut = Shortcut is null ? input : Shortcut.ConvBatchNorm.WriteTo(graph, input, relu: false);
        return graph.Relu(graph.Add(output, shortcut));
    }

    /// <summary>The projection a block needs, if any.</summary>
    protected static Projection? ProjectionFor(int inputChannels, int outputChannels, int stride) =>
        stride == 1 && inputChannels == outputChannels ? null : new Projection(inputChannels, outputChannels, stride);
}

/// <summary>The block of ResNet-18 and 34: two 3x3 convolutions.</summary>
internal sealed class BasicBlock : ResidualBlock
{
    // Named as torchvision names them.
    private readonly Conv2dLayer conv1;
    private readonly BatchNormLayer bn1;
    private readonly Conv2dLayer conv2;
    private readonly BatchNormLayer bn2;
    private readonly Projection? downsample;

    private readonly ConvBatchNorm[] _branch;

    public BasicBlock(int inputChannels, int width, int stride)
        : base(nameof(BasicBlock), width)
    {
        conv1 = new Conv2dLayer(inputChannels, width, kernelSize: 3, stride);
        bn1 = new BatchNormLayer(width);
        conv2 = new Conv2dLayer(width, width, kernelSize: 3);
        bn2 = new BatchNormLayer(width);
        downsample = ProjectionFor(inputChannels, width, stride);
        RegisterComponents();
        _branch = [new(conv1, bn1), new(conv2, bn2)];
    }

    protected override IReadOnlyList<ConvBatchNorm> Branch => _branch;

    protected override Projection? Shortcut => downsample;
}

/// <summary>The block of ResNet-50, 101 and 152: a 1x1 convolution to fewer channels, a 3x3 one, and a 1x1 one to four times as many.</summary>
internal sealed class Bottleneck : ResidualBlock
{
    private const int Expansion = 4;

    // Named as torchvision names them.
    private readonly Conv2dLayer conv1;
    private readonly BatchNormLayer bn1;
    private readonly Conv2dLayer conv2;
    private readonly BatchNormLayer bn2;
    private readonly Conv2dLayer conv3;
    private readonly BatchNormLayer bn3;
    private readonly Projection? downsample;

    private readonly ConvBatchNorm[] _branch;

    public Bottleneck(int inputChannels, int width, int stride, ResNetVersion version)
        : base(nameof(Bottleneck), width * Expansion)
    {
        var (stride1, stride2) = version == ResNetVersion.V1 ? (stride, 1) : (1, stride);
        conv1 = new Conv2dLayer(inputChannels, width, kernelSize: 1, stride1);
        bn1 = new BatchNormLayer(width);
        conv2 = new Conv2dLayer(width, width, kernelSize: 3, stride2);
        bn2 = new BatchNormLayer(width);
        conv3 = new Conv2dLayer(width, OutputChannels, kernelSize: 1);
        bn3 = new BatchNormLayer(OutputChannels);
        downsample = ProjectionFor(inputChannels, OutputChannels, stride);
        RegisterComponents();
        _branch = [new(conv1, bn1), new(conv2, bn2), new(conv3, bn3)];
    }

    protected override IReadOnlyList<ConvBatchNorm> Branch => _branch;

    protected override Projection? Shortcut => downsample;
}
