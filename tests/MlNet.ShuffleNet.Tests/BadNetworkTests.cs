namespace MlNet.ShuffleNet.Tests;

[TestClass]
public sealed class BadNetworkTests
{
    [TestMethod]
    [DataRow("", "'' is unknown")]
    [DataRow("shufflenetv2", "'shufflenetv2' is unknown")]
    [DataRow("shufflenetv1 g5", "'g5' is unknown")]
    [DataRow("shufflenetv1 g-1", "'g-1' is unknown")]
    [DataRow("shufflenetv1 3x", "'3x' is unknown")]
    [DataRow("shufflenetv1 x", "'x' is unknown")]
    [DataRow("shufflenetv1 stem=tiny", "'stem=tiny' is unknown")]
    [DataRow("shufflenetv1 shuffle=none", "'shuffle=none' is unknown")]
    public void Unknown_architectures_are_refused_with_what_is_known(string architecture, string message)
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => Networks.Create(architecture, 32));
        Assert.Contains(message, error.Message);
        Assert.Contains(
            "Write shufflenetv1, then if need be g1 or g2 or g3 or g4 or g8, 0.25x or 0.5x or 1x or 1.5x or 2x, " +
            "stem=auto or stem=imagenet or stem=strided or stem=cifar, and shuffle=paper or shuffle=authors.", error.Message);
    }

    [TestMethod]
    [DataRow("g2", "0.25x")]
    [DataRow("g2", "0.5x")]
    [DataRow("g2", "1.5x")]
    [DataRow("g4", "0.25x")]
    [DataRow("g4", "0.5x")]
    [DataRow("g4", "1.5x")]
    public void Widths_whose_channels_do_not_divide_into_the_groups_are_refused(string groups, string width)
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => Networks.Create($"shufflenetv1 {groups} {width}", 32));
        Assert.Contains($"with {groups[1..]} groups the width must be one of 1, 2, so that", error.Message);
    }

    [TestMethod]
    [DataRow("imagenet", 32)]
    [DataRow("strided", 16)]
    [DataRow("cifar", 8)]
    public void Images_too_small_for_the_stem_are_refused(string stem, int least) =>
        NetworkAssert.NeedsImagesOf(least, $"shufflenetv1 stem={stem}");
}
