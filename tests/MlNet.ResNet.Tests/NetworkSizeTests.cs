namespace MlNet.ResNet.Tests;

[TestClass]
public sealed class NetworkSizeTests
{
    [TestMethod]
    [DataRow("resnet18", 11_689_512, 1_814_073_344)]
    [DataRow("resnet34", 21_797_672, 3_663_761_408)]
    [DataRow("resnet50", 25_557_032, 4_089_184_256)]
    [DataRow("resnet101", 44_549_160, 7_801_405_440)]
    [DataRow("resnet152", 60_192_808, 11_513_626_624)]
    public void Networks_for_224_pixels_and_1000_classes_have_the_published_size(string architecture, long parameters, long multiplyAdds) =>
        NetworkAssert.HasSize($"{architecture} v1.5 stem=imagenet", 224, 1000, parameters, multiplyAdds);

    [TestMethod]
    [DataRow("resnet18", 11_181_642, 37_016_576, 11_173_962, 555_422_720)]
    [DataRow("resnet34", 21_289_802, 74_765_312, 21_282_122, 1_159_402_496)]
    [DataRow("resnet50", 23_528_522, 83_431_424, 23_520_842, 1_297_829_888)]
    [DataRow("resnet101", 42_520_650, 159_191_040, 42_512_970, 2_509_983_744)]
    [DataRow("resnet152", 58_164_298, 234_950_656, 58_156_618, 3_722_137_600)]
    public void Networks_for_32_pixels_have_the_published_size_with_either_stem(
        string architecture, long parameters, long multiplyAdds, long cifarParameters, long cifarMultiplyAdds)
    {
        NetworkAssert.HasSize($"{architecture} v1.5 stem=imagenet", 32, 10, parameters, multiplyAdds);
        NetworkAssert.HasSize($"{architecture} v1.5 stem=cifar", 32, 10, cifarParameters, cifarMultiplyAdds);
    }

    [TestMethod]
    [DataRow("resnet50", 25_557_032, 3_857_973_248)]
    [DataRow("resnet101", 44_549_160, 7_570_194_432)]
    [DataRow("resnet152", 60_192_808, 11_282_415_616)]
    public void The_stride_on_the_first_convolution_saves_work_and_no_parameters(string architecture, long parameters, long multiplyAdds) =>
        NetworkAssert.HasSize($"{architecture} v1 stem=imagenet", 224, 1000, parameters, multiplyAdds);

    [TestMethod]
    public void The_pooled_small_stem_works_on_half_the_size() =>
        NetworkAssert.HasSize("resnet50 v1 stem=cifar-pool", 224, 51, 23_604_851, 15_038_453_760);
}
