using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Networks that are a classifier and nothing before it, for features that were computed beforehand.</summary>
internal sealed class HeadFamily : NetworkFamily
{
    public override string Name => "Head";

    /// <summary>A classifier of the size of another network's, and with its weights.</summary>
    public static ClassificationNetwork Of(ClassificationNetwork network)
    {
        var head = new HeadFamily().Create($"head of {network.Architecture}", new ImageShape(1, 1, network.Classifier.Inputs), network.ClassCount);
        head.Classifier.CopyFrom(network.Classifier);
        return head;
    }

    public override ClassificationNetwork Create(string architecture, ImageShape input, int classCount) =>
        new HeadNetwork(this, architecture, input, classCount);

    private sealed class HeadNetwork : ClassificationNetwork
    {
        private readonly LinearLayer fc;

        public HeadNetwork(NetworkFamily family, string architecture, ImageShape input, int classCount)
            : base(family, architecture, input, classCount)
        {
            fc = new LinearLayer(input.Width, classCount);
            RegisterComponents();
        }

        public override IReadOnlyList<IReadOnlyList<nn.Module>> Stages => [];

        public override LinearLayer Classifier => fc;

        // [N, 1, 1, F] as maps of a single position.
        protected override Tensor FeatureMaps(Tensor images) => images.permute(0, 3, 1, 2).alias();

        public override string WriteFeatureMapsTo(INetworkGraph graph, string images) =>
            throw new NotSupportedException("A classifier without a network before it scores no images.");
    }
}
