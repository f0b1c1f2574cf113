using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ShuffleNet;

/// <summary>A ShuffleNetV1: stem, three stages of units, average over the positions, classifier.</summary>
internal sealed class ShuffleNetwork : ClassificationNetwork
{
    // Named as the authors name them.
    private readonly NumberedLayers first_conv;
    private readonly NumberedLayers features;
    private readonly NumberedLayers classifier;

    // The depthwise convolution and its norm, which the authors' code computes before the shuffle.
    private static readonly string[] BeforeAuthorsShuffle = [".branch_main_1.3.", ".branch_main_1.4."];

    private readonly ShuffleNetArchitecture _architecture;
    private readonly ChannelShuffle _shuffle;
    private readonly ConvBatchNorm _stem;
    private readonly ShuffleUnit[] _units;

    public ShuffleNetwork(NetworkFamily family, ShuffleNetArchitecture architecture, ImageShape input, int classCount)
        : base(family, architecture.ToString(), input, classCount)
    {
        _architecture = architecture;
        _shuffle = new ChannelShuffle(architecture.Groups, architecture.Shuffle);
        var stem = new Conv2dLayer(
            input.Channels, architecture.StemChannels, kernelSize: 3, stride: architecture.Stem == ShuffleNetStem.Cifar ? 1 : 2);
        var stemNorm = new BatchNormLayer(architecture.StemChannels);
        _units = [.. CreateUnits()];
        first_conv = new NumberedLayers((0, stem), (1, stemNorm));
        features = new NumberedLayers([.. _units.Select((unit, i) => (i, (nn.Module)unit))]);
        classifier = new NumberedLayers((0, new LinearLayer(architecture.OutputChannels, classCount)));
        RegisterComponents();
        _stem = new ConvBatchNorm(stem, stemNorm);
    }

    public override LinearLayer Classifier => (LinearLayer)classifier.Layers[0];

    public override IReadOnlyList<IReadOnlyList<nn.Module>> Stages
    {
        get
        {
            var units = new Queue<ShuffleUnit>(_units);
            return [[first_conv], .. _architecture.UnitsPerStage.Select(count => Enumerable.Range(0, count).Select(_ => units.Dequeue()).ToArray())];
        }
    }

    /// <summary>
    /// Fresh random weights, with which every unit of stride 1 starts as its shortcut: what the units add up to would otherwise
    /// grow from one to the next, and the first losses with it, to several times that of guessing.
    /// </summary>
    /// <inheritdoc/>
    public override void Initialize(long seed)
    {
        base.Initialize(seed);
        foreach (var unit in _units)
            unit.ZeroInitResidual();
    }

    protected override Tensor FeatureMaps(Tensor images)
    {
        var output = _stem.Forward(images, relu: true);
        if (_architecture.Stem == ShuffleNetStem.ImageNet)
        {
            using var large = output;
            output = nn.functional.max_pool2d(large, 3, 2, 1);
        }
        foreach (var unit in _units)
        {
            using var previous = output;
            output = unit.forward(previous);
        }
        return output;
    }

    public override string WriteFeatureMapsTo(INetworkGraph graph, string images)
    {
        var features = _stem.WriteTo(graph, images, relu: true);
        if (_architecture.Stem == ShuffleNetStem.ImageNet)
            features = graph.MaxPool(features);
        return _units.Aggregate(features, (input, unit) => unit.WriteTo(graph, input));
    }

    // A depthwise convolution and its norm work channel by channel, so that in the other order they are the same with their
    // channels shuffled. Weights for the paper's order come from programs that compute in this one.
    internal override Tensor FromPublished(string name, Tensor values) =>
        IsBeforeAuthorsShuffle(name, values) ? values.index_select(0, tensor(_shuffle.Sources(values.shape[0]))) : values;

    internal override Tensor ToPublished(string name, Tensor values)
    {
        if (!IsBeforeAuthorsShuffle(name, values))
            return values;
        using var sources = tensor(_shuffle.Sources(values.shape[0]));
        using var positions = sources.argsort();
        return values.index_select(0, positions);
    }

    private bool IsBeforeAuthorsShuffle(string name, Tensor values) =>
        _architecture.Shuffle == ChannelShuffleOrder.Authors && values.dim() > 0 && BeforeAuthorsShuffle.Any(name.Contains);

    private IEnumerable<ShuffleUnit> CreateUnits()
    {
        var channels = _architecture.StemChannels;
        for (var stage = 0; stage < _architecture.UnitsPerStage.Count; stage++)
        {
            var outputs = _architecture.StageChannels(stage);
            for (var unit = 0; unit < _architecture.UnitsPerStage[stage]; unit++)
            {
                // The stem has too few channels to divide into groups.
                var firstGroups = stage == 0 && unit == 0 ? 1 : _architecture.Groups;
                yield return new ShuffleUnit(channels, outputs, stride: unit == 0 ? 2 : 1, firstGroups, _architecture.Groups, _shuffle);
                channels = outputs;
            }
        }
    }
}
