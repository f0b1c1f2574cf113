using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ShuffleNet;

/// <summary>
/// The unit of a ShuffleNet: a grouped 1x1 convolution to a quarter of the channels, channel shuffle, a 3x3 depthwise
/// convolution, and a grouped 1x1 convolution back. At stride 1 the input is added to the result; at stride 2 the averaged
/// input is put in front of it.
/// </summary>
internal sealed class ShuffleUnit : nn.Module<Tensor, Tensor>
{
    /// <summary>By how much the depthwise convolution has fewer channels than the unit's output.</summary>
    public const int BottleneckRatio = 4;

    // Named as the authors name them. The numbers left out are the ReLUs.
    private readonly NumberedLayers branch_main_1;
    private readonly NumberedLayers branch_main_2;

    private readonly ConvBatchNorm _reduce;
    private readonly ChannelShuffle _shuffle;
    private readonly ConvBatchNorm _depthwise;
    private readonly ConvBatchNorm _expand;
    private readonly int _bottleneck;
    private readonly bool _halves;

    /// <param name="inputChannels">Channels in.</param>
    /// <param name="outputChannels">Channels out: as many as in at stride 1, more than in at stride 2.</param>
    /// <param name="stride">1, or 2 to halve the image size.</param>
    /// <param name="firstGroups">Groups of the first convolution.</param>
    /// <param name="groups">Groups of the last convolution.</param>
    /// <param name="shuffle">The shuffle between them.</param>
    public ShuffleUnit(int inputChannels, int outputChannels, int stride, int firstGroups, int groups, ChannelShuffle shuffle)
        : base(nameof(ShuffleUnit))
    {
        _halves = stride == 2;
        _shuffle = shuffle;
        var bottleneck = _bottleneck = outputChannels / BottleneckRatio;
        var computed = _halves ? outputChannels - inputChannels : outputChannels;

        var reduce = new Conv2dLayer(inputChannels, bottleneck, kernelSize: 1, groups: firstGroups);
        var reduceNorm = new BatchNormLayer(bottleneck);
        var depthwise = new Conv2dLayer(bottleneck, bottleneck, kernelSize: 3, stride, groups: bottleneck);
        var depthwiseNorm = new BatchNormLayer(bottleneck);
        var expand = new Conv2dLayer(bottleneck, computed, kernelSize: 1, groups: groups);
        var expandNorm = new BatchNormLayer(computed);
        branch_main_1 = new NumberedLayers((0, reduce), (1, reduceNorm), (3, depthwise), (4, depthwiseNorm));
        branch_main_2 = new NumberedLayers((0, expand), (1, expandNorm));
        RegisterComponents();

        _reduce = new ConvBatchNorm(reduce, reduceNorm);
        _depthwise = new ConvBatchNorm(depthwise, depthwiseNorm);
        _expand = new ConvBatchNorm(expand, expandNorm);
    }

    /// <summary>Makes a unit of stride 1 start as its shortcut; one of stride 2 has none that would do alone.</summary>
    public void ZeroInitResidual()
    {
        if (!_halves)
            _expand.ZeroScale();
    }

    /// <summary>Computes the unit.</summary>
    /// <param name="input">[N, C, H, W]; left alone.</param>
    public override Tensor forward(Tensor input)
    {
        using var reduced = _reduce.Forward(input, relu: true);
        using var filtered = Filter(reduced);
        if (!_halves)
            return ConvBatchNorm.AddThenRelu(_expand.Forward(filtered, relu: false), input);

        // Inputs come out of a ReLU, so their averages need none and it may come before the concatenation.
        using var average = Average(input);
        using var computed = _expand.Forward(filtered, relu: true);
        return cat([average, computed], 1);
    }

    /// <summary>Describes what the unit computes in evaluation.</summary>
    public string WriteTo(INetworkGraph graph, string input)
    {
        var reduced = _reduce.WriteTo(graph, input, relu: true);
        var filtered = _depthwise.WriteTo(graph, _shuffle.WriteTo(graph, reduced, _bottleneck), relu: false);
        var computed = _expand.WriteTo(graph, filtered, relu: _halves);
        return _halves
            ? graph.JoinChannels(graph.AveragePool(input), computed)
            : graph.Relu(graph.Add(computed, input));
    }

    private Tensor Filter(Tensor reduced)
    {
        using var shuffled = _shuffle.Apply(reduced);
        return _depthwise.Forward(shuffled, relu: false);
    }

    private static Tensor Average(Tensor input) => nn.functional.avg_pool2d(input, 3, 2, 1);
}
