namespace MlNet.ShuffleNet;

/// <summary>
/// How a ShuffleNet begins: how far it shrinks the image before the first unit. The rest of the network divides the height
/// and width by another 8.
/// </summary>
public enum ShuffleNetStem
{
    /// <summary>
    /// By the shorter side of the images: <see cref="Cifar"/> up to 48 pixels, <see cref="Strided"/> up to 96,
    /// <see cref="ImageNet"/> above.
    /// </summary>
    Auto,

    /// <summary>3x3 convolution of stride 2, then 3x3 max pooling of stride 2: divides by 4, as the paper does for 224-pixel photos.</summary>
    ImageNet,

    /// <summary>3x3 convolution of stride 2, no pooling: divides by 2, a quarter of the work of <see cref="Cifar"/>.</summary>
    Strided,

    /// <summary>3x3 convolution of stride 1, no pooling: keeps the size, as for CIFAR's 32 pixels.</summary>
    Cifar,
}
