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
            RequireColors(options, layout, normalization);

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

    private static void RequireColors(AugmentationOptions options, ImageLayout layout, ChannelNormalization normalization)
    {
        (string Name, double Value)[] all =
        [
            (nameof(options.Brightness), options.Brightness), (nameof(options.Contrast), options.Contrast), (nameof(options.Saturation), options.Saturation),
            (nameof(options.Hue), options.Hue), (nameof(options.RandAugmentOperations), options.RandAugmentOperations),
        ];
        var given = all.First(option => option.Value > 0);
        var problem = FormattableString.Invariant($"{given.Name} is {given.Value}, but ");
        if (layout.Shape.Channels is not (1 or 3))
            throw new InvalidOperationException(
                $"{problem}the images have {layout.Shape.Channels} channels; colors can be changed with 1 or 3. Set it to 0.");
        if (!layout.IsBytes && normalization == ChannelNormalization.None)
            throw new InvalidOperationException(
                $"{problem}nothing tells which floats are black and white; colors can be changed of pixels of 0 to 255. Give the trainer bytes, " +
                $"images or floats of 0 to 255 and set {nameof(ImageClassificationOptions.Normalization)} instead of normalizing in the pipeline, " +
                "or set it to 0.");
    }
}
