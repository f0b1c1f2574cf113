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

    internal void Validate()
    {
        OptionRule.Require(
            CropPadding is null or (>= 0 and <= 1024), nameof(CropPadding), CropPadding, "it must be between 0 (no cropping) and 1024 pixels, or null");
        OptionRule.Require(MinimumCropArea is > 0 and <= 1, nameof(MinimumCropArea), MinimumCropArea, "it must be above 0 and at most 1");
    }
}
