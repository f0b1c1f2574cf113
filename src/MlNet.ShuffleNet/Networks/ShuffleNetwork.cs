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

    private readonly bool _pools;
    private readonly ConvNorm _stem;
    private readonly ShuffleUnit[] _units;
    private readonly LinearLayer _linear;

    public ShuffleNetwork(NetworkFamily family, ShuffleNetArchitecture architecture, ImageShape input, int classCount)
        : base(family, architecture.ToString(), input, classCount)
    {
        _pools = architecture.Stem == ShuffleNetStem.ImageNet;
        var stem = new Conv2dLayer(
            input.Channels, architecture.StemChannels, kernelSize: 3, stride: architecture.Stem == ShuffleNetStem.Cifar ? 1 : 2);
        var stemNorm = new BatchNormLayer(architecture.StemChannels);
        _units = [.. CreateUnits(architecture)];
        _linear = new LinearLayer(architecture.OutputChannels, classCount);
        first_conv = new NumberedLayers((0, stem), (1, stemNorm));
        features = new NumberedLayers([.. _units.Select((unit, i) => (i, (nn.Module)unit))]);
        classifier = new NumberedLayers((0, _linear));
        RegisterComponents();
        _stem = new ConvNorm(stem, stemNorm);
    }

    public override IEnumerable<ConvNorm> ConvNorms => _units.SelectMany(unit => unit.ConvNorms).Prepend(_stem);

    public override LinearLayer Classifier => _linear;

    protected override Tensor Features(Tensor images)
    {
        var output = _stem.Forward(images, relu: true);
        if (_pools)
        {
            using var large = output;
            output = nn.functional.max_pool2d(large, 3, 2, 1);
        }

        foreach (var unit in _units)
        {
            using var previous = output;
            output = unit.forward(previous);
        }

        using var last = output;
        using var average = nn.functional.adaptive_avg_pool2d(last, 1);
        return average.flatten(1);
    }

    private static IEnumerable<ShuffleUnit> CreateUnits(ShuffleNetArchitecture architecture)
    {
        var shuffle = new ChannelShuffle(architecture.Groups, architecture.Shuffle);
        var channels = architecture.StemChannels;
        for (var stage = 0; stage < architecture.UnitsPerStage.Count; stage++)
        {
            for (var unit = 0; unit < architecture.UnitsPerStage[stage]; unit++)
            {
                var first = unit == 0;
                // The stem has too few channels to divide into groups.
                yield return new ShuffleUnit(
                    channels, architecture.StageChannels(stage), stride: first ? 2 : 1,
                    firstGroups: first && stage == 0 ? 1 : architecture.Groups, architecture.Groups, shuffle);
                channels = architecture.StageChannels(stage);
            }
        }
    }
}
