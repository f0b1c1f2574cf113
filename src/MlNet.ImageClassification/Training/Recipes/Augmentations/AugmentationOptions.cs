namespace MlNet.ImageClassification;

/// <summary>What is done to each training image by chance, by draws of its own.</summary>
public sealed record AugmentationOptions
{
    /// <summary>Images stay as they are.</summary>
    public static AugmentationOptions None { get; } = new() { CropPadding = 0, HorizontalFlip = false };

    /// <summary>
    /// Pixels of zeros put around each image before a window of the original size is cut out at a random place. 0 turns
    /// cropping off, at most 1024; <see langword="null"/> takes an eighth of the shorter side (4 for 32 pixels).
    /// </summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public int? CropPadding { get; init; }

    /// <summary>
    /// The smallest share of an image's area that a window cut out at random has before it is resized to the size of the image; its
    /// sides are as 3 to 4 at most. Above 0, at most 1. Below 1 it takes the place of <see cref="CropPadding"/>. (Szegedy et al., Going
    /// deeper with convolutions, 2015, section 6.)
    /// </summary>
    /// <value>The default value is 1: no such windows.</value>
    public double MinimumCropArea { get; init; } = 1;

    /// <summary>Whether each image is mirrored left to right with probability one half.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool HorizontalFlip { get; init; } = true;

    /// <summary>
    /// How much brighter or darker an image may become: pixels are multiplied by a factor within 1 plus or minus this. At least 0 (off),
    /// at most 1. It and the other changes of color need bytes, images or a <see cref="ImageClassificationOptions.Normalization"/>, which
    /// tell what is black and what is white, and one channel or three: red, green, blue. (torchvision's ColorJitter.)
    /// </summary>
    /// <value>The default value is 0.</value>
    public double Brightness { get; init; }

    /// <summary>
    /// How much contrast an image may gain or lose: the distance of its pixels to its mean gray is multiplied by a factor within 1 plus or
    /// minus this. At least 0 (off), at most 1.
    /// </summary>
    /// <value>The default value is 0.</value>
    public double Contrast { get; init; }

    /// <summary>
    /// How much more or less colorful an image may become: the distance of its pixels to their gray is multiplied by a factor within 1 plus
    /// or minus this. At least 0 (off), at most 1.
    /// </summary>
    /// <value>The default value is 0.</value>
    public double Saturation { get; init; }

    /// <summary>
    /// By what share of the color circle the hues of an image may turn, either way. At least 0 (off), at most 0.5 (the opposite color).
    /// </summary>
    /// <value>The default value is 0.</value>
    public double Hue { get; init; }

    /// <summary>
    /// RandAugment: how many operations are done to each image, each drawn from fourteen: none, shear and shift along either side, rotation,
    /// brightness, color, contrast, sharpness, posterize, solarize, auto contrast, equalize. At least 0 (off), at most 10; 2 is common. It
    /// needs what <see cref="Brightness"/> needs. (Cubuk et al., RandAugment, arXiv 1909.13719; operations and ranges of torchvision.)
    /// </summary>
    /// <value>The default value is 0.</value>
    public int RandAugmentOperations { get; init; }

    /// <summary>
    /// How strong the operations of <see cref="RandAugmentOperations"/> are: 0 to 30, where 30 is a shear by 0.3, a shift by 45 % of the side,
    /// a rotation by 30 degrees, a factor of 0.1 or 1.9 and 4 bits per pixel.
    /// </summary>
    /// <value>The default value is 9.</value>
    public int RandAugmentMagnitude { get; init; } = 9;

    /// <summary>
    /// Random erasing: the probability that a rectangle of an image, 2 to 33 % of its area, is set to the mean color (zero). At least 0
    /// (off), at most 1. (Zhong et al., Random erasing data augmentation, arXiv 1708.04896.)
    /// </summary>
    /// <value>The default value is 0.</value>
    public double ErasingProbability { get; init; }

    /// <summary>
    /// mixup: every image is blended with another one of its batch, and has both labels in the same shares, which are drawn from the
    /// distribution Beta(alpha, alpha). At least 0 (off), at most 10; 0.2 is common. With <see cref="CutMixAlpha"/> each batch draws one of
    /// both. The accuracy on training images counts the label of the larger share. (Zhang et al., mixup, arXiv 1710.09412.)
    /// </summary>
    /// <value>The default value is 0.</value>
    public double MixupAlpha { get; init; }

    /// <summary>
    /// CutMix: a rectangle of every image is replaced by that of another one of its batch, and it has both labels in the shares of their
    /// pixels; the share that stays is drawn from the distribution Beta(alpha, alpha). At least 0 (off), at most 10; 1 is common. (Yun et
    /// al., CutMix, arXiv 1905.04899.)
    /// </summary>
    /// <value>The default value is 0.</value>
    public double CutMixAlpha { get; init; }

    internal void Validate()
    {
        OptionRule.Require(
            CropPadding is null or (>= 0 and <= 1024), nameof(CropPadding), CropPadding, "it must be between 0 (no cropping) and 1024 pixels, or null");
        OptionRule.Require(MinimumCropArea is > 0 and <= 1, nameof(MinimumCropArea), MinimumCropArea, "it must be above 0 and at most 1");
        RequireBetween(0, 1, Brightness, nameof(Brightness));
        RequireBetween(0, 1, Contrast, nameof(Contrast));
        RequireBetween(0, 1, Saturation, nameof(Saturation));
        RequireBetween(0, 0.5, Hue, nameof(Hue));
        RequireBetween(0, 10, RandAugmentOperations, nameof(RandAugmentOperations));
        RequireBetween(0, RandAugment.LargestMagnitude, RandAugmentMagnitude, nameof(RandAugmentMagnitude));
        RequireBetween(0, 1, ErasingProbability, nameof(ErasingProbability));
        RequireBetween(0, 10, MixupAlpha, nameof(MixupAlpha));
        RequireBetween(0, 10, CutMixAlpha, nameof(CutMixAlpha));
    }

    private static void RequireBetween(double low, double high, double value, string name) => OptionRule.Require(
        value >= low && value <= high, name, value, FormattableString.Invariant($"it must be between {low} and {high}"));
}
