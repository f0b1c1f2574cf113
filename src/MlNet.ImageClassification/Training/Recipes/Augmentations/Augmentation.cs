using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Prepares a training batch: what changes colors sees pixels of 0 to 255, what moves or covers them leaves the zeros of normalized
/// images, which are their mean color.
/// </summary>
/// <param name="onPixels">Done before the normalization, in this order.</param>
/// <param name="preprocessing">The normalization.</param>
/// <param name="onNormalized">Done after it.</param>
internal sealed class Augmentation(
    IReadOnlyList<IAugmentation> onPixels, Preprocessing preprocessing, IReadOnlyList<IAugmentation> onNormalized)
{
    /// <summary>The augmentation that the options ask for.</summary>
    /// <param name="options">The options, valid.</param>
    /// <param name="layout">The images as they come.</param>
    /// <param name="normalization">What is done to them.</param>
    /// <param name="preprocessing">It, on its device; it stays the caller's.</param>
    /// <exception cref="InvalidOperationException">The colors of such images cannot be changed.</exception>
    public static Augmentation Of(
        AugmentationOptions options, ImageLayout layout, ChannelNormalization normalization, Preprocessing preprocessing)
    {
        List<IAugmentation> onPixels = [], onNormalized = [];
        if (options.RandAugmentOperations > 0)
            onPixels.Add(new RandAugment(options.RandAugmentOperations, options.RandAugmentMagnitude));
        if (options.Brightness > 0 || options.Contrast > 0 || options.Saturation > 0 || options.Hue > 0)
            onPixels.Add(new ColorJitter(options.Brightness, options.Contrast, options.Saturation, options.Hue));
        if (onPixels.Count > 0)
            RequireColors(layout, normalization);

        var (_, height, width) = layout.Shape;
        onNormalized.Add(new CropAndFlip(options.CropPadding ?? Math.Min(height, width) / 8, options.HorizontalFlip, options.MinimumCropArea));
        if (options.ErasingProbability > 0)
            onNormalized.Add(new RandomErasing(options.ErasingProbability));
        return new Augmentation(onPixels, preprocessing, onNormalized);
    }

    /// <summary>Prepares a batch.</summary>
    /// <param name="pixels">[N, C, H, W], bytes or float32, as they were given.</param>
    /// <param name="random">Where the draws come from.</param>
    /// <returns>[N, C, H, W], float32, normalized.</returns>
    public Tensor Apply(Tensor pixels, Random random)
    {
        if (onPixels.Count > 0)
            pixels = pixels.to_type(ScalarType.Float32);
        foreach (var augmentation in onPixels)
            pixels = augmentation.Apply(pixels, random);
        var images = preprocessing.Apply(pixels);
        foreach (var augmentation in onNormalized)
            images = augmentation.Apply(images, random);
        return images;
    }

    private static void RequireColors(ImageLayout layout, ChannelNormalization normalization)
    {
        const string options =
            $"{nameof(AugmentationOptions.Brightness)}, {nameof(AugmentationOptions.Contrast)}, {nameof(AugmentationOptions.Saturation)}, " +
            $"{nameof(AugmentationOptions.Hue)} and {nameof(AugmentationOptions.RandAugmentOperations)}";
        if (layout.Shape.Channels is not (1 or 3))
            throw new InvalidOperationException(
                $"{options} change colors of images of 1 or 3 channels; these have {layout.Shape.Channels}. Set them to 0.");
        if (!layout.IsBytes && normalization == ChannelNormalization.None)
            throw new InvalidOperationException(
                $"{options} change pixels of 0 to 255; nobody tells which floats are black and white here. Give the trainer bytes, images or " +
                $"floats of 0 to 255 and set {nameof(ImageClassificationOptions.Normalization)} instead of normalizing in the pipeline, or set " +
                "those options to 0.");
    }
}
