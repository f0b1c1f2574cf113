using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ResNet.Tests;

[TestClass]
public sealed class BadNetworkTests
{
    [TestMethod]
    [DataRow("resnet51", "'resnet51' is unknown")]
    [DataRow("", "'' is unknown")]
    [DataRow("vgg16", "'vgg16' is unknown")]
    [DataRow("resnet50 v2", "'v2' is unknown")]
    [DataRow("resnet18 blocks=2-2-2", "'blocks=2-2-2' is unknown")]
    [DataRow("resnet18 blocks=2-2-2-0", "'blocks=2-2-2-0' is unknown")]
    [DataRow("resnet18 blocks=2-2-2-100", "'blocks=2-2-2-100' is unknown")]
    [DataRow("resnet50 stem=tiny", "'stem=tiny' is unknown")]
    public void Unknown_architectures_are_refused_with_what_is_known(string architecture, string message)
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => Networks.Create(architecture, 32));
        StringAssert.Contains(error.Message, message);
        StringAssert.Contains(error.Message, "resnet152");
    }

    [TestMethod]
    [DataRow("imagenet", 32)]
    [DataRow("cifar-pool", 16)]
    [DataRow("cifar", 8)]
    public void Images_too_small_for_the_stem_are_refused(string stem, int least) =>
        NetworkAssert.NeedsImagesOf(least, $"resnet18 stem={stem}");

    [TestMethod]
    public void Images_without_channels_and_single_classes_are_refused()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Networks.Create("resnet18", 32, channels: 0)).Message, "0x32x32");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Networks.Create("resnet18", 32, classCount: 1)).Message, "at least 2");
    }

    [TestMethod]
    public void Images_of_another_kind_are_refused()
    {
        using var network = Networks.Create("resnet18", 32);
        using var bytes = zeros([2, 3, 32, 32], ScalarType.Byte);
        using var grey = zeros([2, 1, 32, 32]);
        using var single = zeros([3, 32, 32]);

        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => network.forward(bytes)).Message, "these are Byte");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => network.forward(grey)).Message, "these are [2, 1, 32, 32]");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => network.forward(single)).Message, "these are [3, 32, 32]");
    }

    [TestMethod]
    public void Grey_images_and_images_that_are_not_square_pass()
    {
        using var network = new ResNetFamily().Create("resnet18", new ImageShape(1, 32, 40), 5);
        network.Initialize(1);
        using var images = zeros([2, 1, 32, 40]);
        Assert.HasCount(10, Networks.Logits(network, images));
    }

    [TestMethod]
    public void A_state_of_another_architecture_is_refused()
    {
        using var small = Networks.Create("resnet18", 32);
        using var large = Networks.Create("resnet34", 32);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => small.CopyStateFrom(large)).Message, "resnet34");
    }

    [TestMethod]
    public void Families_that_cannot_be_found_are_named()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => NetworkFamily.Find("MlNet.ResNet", "VGG")).Message, "it has: ResNet");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => NetworkFamily.Find("MlNet.Absent", "VGG")).Message, "Add a reference to MlNet.Absent");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => NetworkFamily.Find("../evil, Version=1", "VGG")).Message, "damaged");
    }
}
