using Cifar10Loader;
using MlNet.ImageClassification;

namespace MlNet.ResNet;

/// <summary>
/// torchvision's weights for ImageNet's 1,000 classes (IMAGENET1K_V1), downloaded when a training first starts from them. Accuracies
/// are those that torchvision's documentation gives.
/// </summary>
public static class TorchvisionWeights
{
    /// <summary>ResNet-18, 45 MB: 69.758 % of ImageNet's validation images right.</summary>
    public static PretrainedWeights ResNet18 { get; } = Create(18, "f37072fd", 69.758);

    /// <summary>ResNet-34, 83 MB: 73.314 % of ImageNet's validation images right.</summary>
    public static PretrainedWeights ResNet34 { get; } = Create(34, "b627a593", 73.314);

    /// <summary>ResNet-50, 98 MB: 76.130 % of ImageNet's validation images right.</summary>
    public static PretrainedWeights ResNet50 { get; } = Create(50, "0676ba61", 76.130);

    /// <summary>ResNet-101, 171 MB: 77.374 % of ImageNet's validation images right.</summary>
    public static PretrainedWeights ResNet101 { get; } = Create(101, "63fe2227", 77.374);

    /// <summary>ResNet-152, 230 MB: 78.312 % of ImageNet's validation images right.</summary>
    public static PretrainedWeights ResNet152 { get; } = Create(152, "394f9c45", 78.312);

    /// <summary>All of them, from the smallest to the largest.</summary>
    public static IReadOnlyList<PretrainedWeights> All { get; } = [ResNet18, ResNet34, ResNet50, ResNet101, ResNet152];

    // The file names have the first eight digits of the SHA-256.
    private static PretrainedWeights Create(int depth, string sha256, double accuracy)
    {
        var address = new Uri($"https://download.pytorch.org/models/resnet{depth}-{sha256}.pth");
        return new PretrainedWeights(new DownloadedWeights(new PublishedFile { Address = address, Checksum = sha256 }), new ResNetFamily())
        {
            Name = $"torchvision ResNet-{depth} ImageNet",
            Architecture = $"resnet{depth} v1.5 stem=imagenet",
            Origin = address.AbsoluteUri,
            Sha256 = sha256,
            License = "BSD-3-Clause",
            Normalization = ChannelNormalization.ImageNet,
            ImageSize = 224,
            ResizedTo = 256,
            Interpolation = "bilinear",
            Top1Accuracy = accuracy,
        };
    }
}
