using MlNet.ImageClassification.Tests;
using TorchSharp;
using static TorchSharp.torch;

[assembly: MlNet.ImageClassification.NetworkFamily(typeof(TinyFamily))]

namespace MlNet.ImageClassification.Tests;

/// <summary>The smallest real network: a convolution, a batch norm, a global average and a classifier.</summary>
internal sealed class TinyFamily : NetworkFamily
{
    public override string Name => "Tiny";

    public override ClassificationNetwork Create(string architecture, ImageShape input, int classCount)
    {
        int width = architecture.StartsWith("tiny", StringComparison.Ordinal) && int.TryParse(architecture.AsSpan(4), out int w)
            ? w
            : throw new ArgumentException($"'{architecture}' is not tiny<channels>.", nameof(architecture));
        return new TinyNetwork(this, architecture, input, classCount, width);
    }

    /// <summary>A model of a network, without names for its classes.</summary>
    public static ModelDefinition Definition(ClassificationNetwork network) => new(
        network.Family.AssemblyName, network.Family.Name, network.Architecture, new ImageLayout(network.InputShape, Interleaved: false, IsBytes: true),
        ChannelNormalization.None, network.ClassCount, KeyNames.None, "Features", "Score", "PredictedLabel", ComputePrecision.Float32, "Label",
        BadImagePolicy.Fail);

    private sealed class TinyNetwork : ClassificationNetwork
    {
        private readonly Conv2dLayer conv;
        private readonly BatchNormLayer norm;
        private readonly LinearLayer fc;
        private readonly ConvBatchNorm unit;

        public TinyNetwork(NetworkFamily family, string architecture, ImageShape input, int classCount, int width)
            : base(family, architecture, input, classCount)
        {
            conv = new Conv2dLayer(input.Channels, width, 3);
            norm = new BatchNormLayer(width);
            fc = new LinearLayer(width, classCount);
            unit = new ConvBatchNorm(conv, norm);
            RegisterComponents();
        }

        public override IReadOnlyList<IReadOnlyList<nn.Module>> Stages => [[conv, norm]];

        public override LinearLayer Classifier => fc;

        protected override Tensor FeatureMaps(Tensor images) => unit.Forward(images, relu: true);

        public override string WriteFeatureMapsTo(INetworkGraph graph, string images) => unit.WriteTo(graph, images, relu: true);
    }
}
