using MlNet.ImageClassification;
using MlNet.ResNet;

[assembly: NetworkFamily(typeof(ResNetFamily))]

namespace MlNet.ResNet;

/// <summary>
/// ResNet-18, 34, 50, 101 and 152 (He et al., Deep Residual Learning for Image Recognition). The state dictionary has
/// torchvision's names.
/// </summary>
internal sealed class ResNetFamily : NetworkFamily
{
    /// <inheritdoc/>
    public override string Name => "ResNet";

    /// <summary>Builds a network. Its weights are zero until it is initialized or given those of another.</summary>
    /// <param name="architecture">
    /// <c>resnet18</c>, <c>resnet34</c>, <c>resnet50</c>, <c>resnet101</c> or <c>resnet152</c>; then, as wanted,
    /// <c>v1.5</c> (default) or <c>v1</c>; <c>blocks=2-2-2-3</c>, residual blocks per stage other than the paper's;
    /// <c>stem=auto</c> (default), <c>stem=imagenet</c>, <c>stem=cifar</c> or
    /// <c>stem=cifar-pool</c>; and <c>zero-init-residual</c>.
    /// </param>
    /// <param name="input">The size of the images: at least 8 pixels with the Cifar stem, 16 with CifarPool, 32 with ImageNet.</param>
    /// <param name="classCount">The number of classes, at least two.</param>
    /// <exception cref="ArgumentException">No such architecture, images too small for the stem, or too few classes.</exception>
    public override ClassificationNetwork Create(string architecture, ImageShape input, int classCount) =>
        new ResidualNetwork(this, ResNetArchitecture.Parse(architecture).For(input), input, classCount);
}
