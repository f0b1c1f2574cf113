using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ResNet;

/// <summary>A ResNet: stem, four stages of residual blocks, average over the positions, classifier.</summary>
internal sealed class ResidualNetwork : ClassificationNetwork
{
    // Named as torchvision names them.
    private readonly Conv2dLayer conv1;
    private readonly BatchNormLayer bn1;
    private readonly ResidualStage layer1;
    private readonly ResidualStage layer2;
    private readonly ResidualStage layer3;
    private readonly ResidualStage layer4;
    private readonly LinearLayer fc;

    private readonly ResNetArchitecture _architecture;
    private readonly ConvBatchNorm _stem;

    public ResidualNetwork(NetworkFamily family, ResNetArchitecture architecture, ImageShape input, int classCount)
        : base(family, architecture.ToString(), input, classCount)
    {
        _architecture = architecture;
        var large = architecture.Stem == ResNetStem.ImageNet;
        conv1 = new Conv2dLayer(input.Channels, 64, kernelSize: large ? 7 : 3, stride: large ? 2 : 1);
        bn1 = new BatchNormLayer(64);
        layer1 = new ResidualStage(architecture, stage: 0, inputChannels: 64);
        layer2 = new ResidualStage(architecture, stage: 1, layer1.OutputChannels);
        layer3 = new ResidualStage(architecture, stage: 2, layer2.OutputChannels);
        layer4 = new ResidualStage(architecture, stage: 3, layer3.OutputChannels);
        fc = new LinearLayer(layer4.OutputChannels, classCount);
        RegisterComponents();
        _stem = new ConvBatchNorm(conv1, bn1);
    }

    public override LinearLayer Classifier => fc;

    public override IReadOnlyList<IReadOnlyList<nn.Module>> Stages => [[conv1, bn1], [layer1], [layer2], [layer3], [layer4]];

    private IEnumerable<ResidualStage> ResidualStages => [layer1, layer2, layer3, layer4];

    public override void Initialize(long seed)
    {
        base.Initialize(seed);
        if (_architecture.ZeroInitResidual)
        {
            foreach (var block in ResidualStages.SelectMany(stage => stage.Blocks))
                block.ZeroInitResidual();
        }
    }

    protected override Tensor FeatureMaps(Tensor images)
    {
        var features = _stem.Forward(images, relu: true);
        if (_architecture.Stem != ResNetStem.Cifar)
        {
            using var large = features;
            features = nn.functional.max_pool2d(large, 3, 2, 1);
        }

        foreach (var stage in ResidualStages)
        {
            using var previous = features;
            features = stage.forward(previous);
        }

        return features;
    }

    public override string WriteFeatureMapsTo(INetworkGraph graph, string images)
    {
        var features = _stem.WriteTo(graph, images, relu: true);
        if (_architecture.Stem != ResNetStem.Cifar)
            features = graph.MaxPool(features);
        return ResidualStages.SelectMany(stage => stage.Blocks).Aggregate(features, (input, block) => block.WriteTo(graph, input));
    }
}
