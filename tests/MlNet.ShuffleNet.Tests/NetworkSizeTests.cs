using MlNet.ImageClassification;

namespace MlNet.ShuffleNet.Tests;

/// <summary>
/// The figures of the authors' code, whose classifier has no bias: the parameters of the bias, one per class, come on top.
/// </summary>
[TestClass]
public sealed class NetworkSizeTests
{
    [TestMethod]
    [DataRow("g3 0.5x", 717_324, 37_589_856)]
    [DataRow("g3 1x", 1_864_728, 137_460_672)]
    [DataRow("g3 1.5x", 3_441_168, 292_443_552)]
    [DataRow("g3 2x", 5_449_776, 524_045_184)]
    [DataRow("g8 0.5x", 1_010_448, 40_469_760)]
    [DataRow("g8 1x", 2_433_768, 138_365_952)]
    [DataRow("g8 1.5x", 4_268_952, 290_188_800)]
    [DataRow("g8 2x", 6_521_232, 521_942_016)]
    [DataRow("g1 1x", 1_530_936, 143_078_976)]
    [DataRow("g2 1x", 1_732_848, 140_836_512)]
    [DataRow("g4 1x", 1_967_344, 134_339_776)]
    public void Networks_for_224_pixels_and_1000_classes_have_the_published_size(string variant, long parameters, long multiplyAdds) =>
        AssertSize(variant, "imagenet", 224, 1000, parameters + 1000, multiplyAdds);

    [TestMethod]
    [DataRow("g3 0.5x", 242_124, 762_144, 11_126_976)]
    [DataRow("g3 1x", 914_328, 2_795_328, 42_590_592)]
    [DataRow("g3 1.5x", 2_015_568, 5_953_248, 93_045_312)]
    [DataRow("g3 2x", 3_548_976, 10_674_816, 166_527_744)]
    [DataRow("g8 0.5x", 250_128, 817_920, 11_644_416)]
    [DataRow("g8 1x", 913_128, 2_807_808, 42_703_872)]
    [DataRow("g8 1.5x", 1_987_992, 5_898_240, 92_035_584)]
    [DataRow("g8 2x", 3_479_952, 10_619_904, 165_476_352)]
    [DataRow("g1 1x", 960_696, 2_913_984, 44_546_688)]
    [DataRow("g2 1x", 940_848, 2_865_888, 43_743_552)]
    [DataRow("g4 1x", 890_224, 2_730_304, 41_531_008)]
    public void Networks_for_32_pixels_have_the_published_size_with_either_stem(
        string variant, long parameters, long multiplyAdds, long cifarMultiplyAdds)
    {
        AssertSize(variant, "imagenet", 32, 10, parameters + 10, multiplyAdds);
        AssertSize(variant, "cifar", 32, 10, parameters + 10, cifarMultiplyAdds);
    }

    [TestMethod]
    public void The_strided_stem_does_the_work_of_the_paper_for_images_of_half_the_size()
    {
        // Without the pooling, 16 pixels after the stem are what 32 are with the CIFAR stem and half as large images: the
        // stages' work is the same, and so is the stem's, which works once per output position.
        using var strided = Networks.Create("shufflenetv1 g3 1x stem=strided", 32);
        using var cifar = Networks.Create("shufflenetv1 g3 1x stem=cifar", 16);
        Assert.AreEqual(NetworkSummary.Of(cifar), NetworkSummary.Of(strided));
    }

    [TestMethod]
    [DataRow(1, 0.25, 6, 36)]
    [DataRow(3, 0.25, 6, 60)]
    [DataRow(8, 0.25, 8, 96)]
    [DataRow(1, 0.5, 12, 72)]
    [DataRow(3, 0.5, 12, 120)]
    [DataRow(8, 0.5, 16, 192)]
    [DataRow(2, 1, 24, 200)]
    [DataRow(4, 1, 24, 272)]
    [DataRow(1, 1.5, 24, 216)]
    [DataRow(3, 1.5, 24, 360)]
    [DataRow(8, 1.5, 24, 576)]
    [DataRow(1, 2, 48, 288)]
    [DataRow(2, 2, 48, 400)]
    [DataRow(3, 2, 48, 480)]
    [DataRow(4, 2, 48, 544)]
    [DataRow(8, 2, 48, 768)]
    public void The_width_scales_the_channels_of_stem_and_stages(int groups, double width, int stem, int firstStage)
    {
        using var network = Networks.Create(FormattableString.Invariant($"shufflenetv1 g{groups} {width}x"), 32);
        var state = network.state_dict();

        CollectionAssert.AreEqual(new long[] { stem, 3, 3, 3 }, state["first_conv.0.weight"].shape);
        // The first unit of a stage computes what the averaged input leaves to be computed.
        Assert.AreEqual(firstStage - stem, state["features.0.branch_main_2.0.weight"].shape[0]);
        for (var stage = 0; stage < 3; stage++)
        {
            var last = state[$"features.{new[] { 3, 11, 15 }[stage]}.branch_main_2.0.weight"].shape;
            long channels = firstStage << stage;
            CollectionAssert.AreEqual(new[] { channels, channels / 4 / groups, 1, 1 }, last);
        }
    }

    private static void AssertSize(string variant, string stem, int size, int classCount, long parameters, long multiplyAdds) =>
        NetworkAssert.HasSize($"shufflenetv1 {variant} stem={stem} shuffle=paper", size, classCount, parameters, multiplyAdds);
}
