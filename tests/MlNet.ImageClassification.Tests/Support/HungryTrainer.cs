using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

/// <summary>Trains a network that asks for more memory than any machine has.</summary>
public sealed class HungryTrainer(ImageClassificationOptions options)
    : ImageClassificationTrainer<ImageClassificationOptions>(options, environment: null)
{
    internal override ClassificationNetwork CreateNetwork(ImageShape input, int classCount, int seed) =>
        new HungryNetwork(new TinyFamily(), input, classCount);

    private sealed class HungryNetwork : ClassificationNetwork
    {
        private readonly LinearLayer fc;

        public HungryNetwork(NetworkFamily family, ImageShape input, int classCount)
            : base(family, "hungry", input, classCount)
        {
            fc = new LinearLayer(1, classCount);
            RegisterComponents();
        }

        public override IReadOnlyList<IReadOnlyList<nn.Module>> Stages => [];

        public override LinearLayer Classifier => fc;

        protected override Tensor FeatureMaps(Tensor images) => zeros([1L << 50]);

        public override string WriteFeatureMapsTo(INetworkGraph graph, string images) => throw new NotSupportedException();
    }
}
