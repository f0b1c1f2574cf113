using MlNet.ImageClassification;

namespace MlNet.ResNet.Tests;

/// <summary>The registry of torchvision's weights, and the network that a trainer makes for published weights.</summary>
[TestClass]
public sealed class PretrainedWeightsTests
{
    private static readonly ImageShape Small = new(3, 32, 32);

    [TestMethod]
    public void Torchvisions_weights_are_told_by_what_one_has_to_know()
    {
        Assert.HasCount(5, TorchvisionWeights.All);
        foreach (var weights in TorchvisionWeights.All)
        {
            Assert.EndsWith($"-{weights.Sha256}.pth", weights.Origin);
            Assert.AreEqual("BSD-3-Clause", weights.License);
            Assert.AreEqual(ChannelNormalization.ImageNet, weights.Normalization);
            Assert.AreEqual((224, 256, "bilinear"), (weights.ImageSize, weights.ResizedTo, weights.Interpolation));
            using var network = Networks.Create(weights.Architecture, 224);
            Assert.AreEqual(weights.Architecture, network.Architecture);
        }
        CollectionAssert.AreEqual(
            new[] { 69.758, 73.314, 76.130, 77.374, 78.312 }, TorchvisionWeights.All.Select(weights => weights.Top1Accuracy!.Value).ToArray());
        Assert.AreEqual("https://download.pytorch.org/models/resnet50-0676ba61.pth", TorchvisionWeights.ResNet50.Origin);
    }

    [TestMethod]
    public void The_weights_decide_the_stem_that_the_images_would()
    {
        using var chosen = new ResNet18Trainer(new ResNetOptions()).CreateNetwork(Small, 10, seed: 1);
        using var started = new ResNet18Trainer(new ResNetOptions { InitialWeights = TorchvisionWeights.ResNet18 }).CreateNetwork(Small, 10, seed: 1);
        Assert.AreEqual("resnet18 v1.5 stem=cifar", chosen.Architecture);
        Assert.AreEqual("resnet18 v1.5 stem=imagenet", started.Architecture);
    }

    [TestMethod]
    public void Options_for_another_network_are_refused_when_the_trainer_is_made()
    {
        var weights = TorchvisionWeights.ResNet50;
        AssertRefused(
            "InitialWeights is 'torchvision ResNet-50 ImageNet', weights of 'resnet50 v1.5 stem=imagenet', but the network to train is " +
            "'resnet101 v1.5 stem=auto'.", () => new ResNet101Trainer(new ResNetOptions { InitialWeights = weights }));
        AssertRefused("'resnet50 v1 stem=auto'", () => new ResNet50Trainer(new ResNetOptions { InitialWeights = weights, Version = ResNetVersion.V1 }));
        AssertRefused("'resnet50 v1.5 stem=cifar'", () => new ResNet50Trainer(new ResNetOptions { InitialWeights = weights, Stem = ResNetStem.Cifar }));

        static void AssertRefused(string message, Action create) =>
            Assert.Contains(message, Assert.ThrowsExactly<ArgumentException>(create).Message);
    }

    [TestMethod]
    public void Blocks_other_than_the_papers_are_a_network_of_their_own()
    {
        using var network = Networks.Create("resnet18 blocks=2-2-2-3 stem=imagenet", 64);
        Assert.AreEqual("resnet18 v1.5 blocks=2-2-2-3 stem=imagenet", network.Architecture);
        CollectionAssert.Contains(network.state_dict().Keys, "layer4.2.conv2.weight");
        using var papers = Networks.Create("resnet18 stem=imagenet", 64);
        // One basic block of 512 channels: two 3x3 convolutions and their norms.
        Assert.AreEqual(2 * (512 * 512 * 9 + 2 * 512), Count(network) - Count(papers));

        static long Count(ClassificationNetwork network) => network.parameters().Sum(parameter => parameter.numel());
    }
}
