namespace Cifar10Loader;

/// <summary>Which part of CIFAR-10 or CIFAR-100.</summary>
public enum Cifar10Split
{
    /// <summary>The training images (50,000 in the published sets).</summary>
    Train,

    /// <summary>The test images (10,000 in the published sets).</summary>
    Test,
}
