namespace MlNet.ResNet;

/// <summary>
/// How a ResNet begins: how far it shrinks the image before the first residual block. The rest of the network divides the
/// height and width by another 8.
/// </summary>
public enum ResNetStem
{
    /// <summary>
    /// By the shorter side of the images: <see cref="Cifar"/> up to 48 pixels, <see cref="CifarPool"/> up to 96,
    /// <see cref="ImageNet"/> above. The last stage then works on 4 x 4 to 12 x 12 positions.
    /// </summary>
    Auto,

    /// <summary>7x7 convolution of stride 2, then 3x3 max pooling of stride 2: divides by 4, as for 224-pixel photos.</summary>
    ImageNet,

    /// <summary>3x3 convolution of stride 1: keeps the size, as for CIFAR's 32 pixels.</summary>
    Cifar,

    /// <summary>3x3 convolution of stride 1, then 3x3 max pooling of stride 2: divides by 2.</summary>
    CifarPool,
}
