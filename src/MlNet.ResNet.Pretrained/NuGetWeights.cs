using MlNet.ImageClassification;

namespace MlNet.ResNet.Pretrained;

/// <summary>ImageNet weights that come with this package: nothing is downloaded when a training begins.</summary>
public static class NuGetWeights
{
    /// <summary>
    /// The network of ML.NET's <c>DnnFeaturizeImage</c> with <c>ResNet18</c>, trained on ImageNet's 1,000 classes: a ResNet-18 with one
    /// residual block more in its last stage (2-2-2-3: 20 layers, 15.9 million parameters), without its classifier. A
    /// <see cref="ResNet18Trainer"/> that starts from it trains that network.
    /// </summary>
    /// <remarks>
    /// Its own preprocessing subtracts a mean image; here the mean of each channel takes its place. It pads strided layers at one side
    /// only, which is the same for images whose height and width are multiples of 32.
    /// </remarks>
    public static PretrainedWeights ResNet18ImageNet { get; } = new(new DnnImageFeaturizerResNet18(), new ResNetFamily())
    {
        Name = "ML.NET DnnImageFeaturizer ResNet18 ImageNet",
        Architecture = "resnet18 v1.5 blocks=2-2-2-3 stem=imagenet",
        Origin = "NuGet package Microsoft.ML.DnnImageFeaturizer.ResNet18 0.23.1",
        Sha256 = "e2552f19db2dfdb01b3669537b6a0f1b44da38d18279535492ed5dfc2ef1ff8f",
        License = "MIT",
        Normalization = new ChannelNormalization([123.1516f, 115.9029f, 103.0626f], [1, 1, 1]),
        ImageSize = 224,
    };
}
