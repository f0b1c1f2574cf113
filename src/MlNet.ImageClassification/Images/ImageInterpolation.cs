namespace MlNet.ImageClassification;

/// <summary>The filter by which images are resized. Its width grows with the reduction (antialiasing), as in Pillow.</summary>
public enum ImageInterpolation
{
    /// <summary>A triangle: what Pillow and torchvision call bilinear.</summary>
    Bilinear,

    /// <summary>
    /// Keys's cubic with a = -0.5, sharper than the triangle: what Pillow and torchvision call bicubic. (Keys, Cubic convolution
    /// interpolation for digital image processing, 1981, equation 15.)
    /// </summary>
    Bicubic,
}
