using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Progressive resizing: images are small in the first half of the training, then grow epoch by epoch, and have their full
/// size in the last fifth.
/// </summary>
/// <param name="initialScale">Share of height and width that the training begins with; 1 for the full size throughout.</param>
/// <param name="epochs">Epochs of the training.</param>
/// <param name="full">The size of the images.</param>
internal sealed class ImageSizeSchedule(double initialScale, int epochs, ImageShape full)
{
    private const double GrowthStart = 0.5;
    private const double GrowthEnd = 0.8;

    // Sizes that the layers can halve a few times without a remainder.
    private const int Step = 4;

    /// <summary>Height and width in an epoch, counted from 1.</summary>
    public (int Height, int Width) At(int epoch)
    {
        double done = (epoch - 1.0) / epochs;
        double growth = epoch == epochs ? 1 : Math.Clamp((done - GrowthStart) / (GrowthEnd - GrowthStart), 0, 1);
        double scale = initialScale + (1 - initialScale) * growth;
        if (scale >= 1)
            return (full.Height, full.Width);
        return (Scaled(full.Height), Scaled(full.Width));

        int Scaled(int size) =>
            Math.Clamp((int)Math.Round(size * scale / Step, MidpointRounding.AwayFromZero) * Step, Math.Min(size, Step), size);
    }

    /// <summary>How much work the epochs after this one are, in epochs of this one's size.</summary>
    public double WorkAfter(int epoch) =>
        Enumerable.Range(epoch + 1, epochs - epoch).Sum(Pixels) / Pixels(epoch);

    /// <summary>Shrinks a batch to an epoch's size.</summary>
    /// <param name="images">[N, C, H, W], floating point.</param>
    /// <param name="epoch">Counted from 1.</param>
    /// <returns>[N, C, H', W']; the argument itself where it has that size.</returns>
    public Tensor Apply(Tensor images, int epoch)
    {
        var (height, width) = At(epoch);
        return images.shape[2] == height && images.shape[3] == width
            ? images
            : nn.functional.interpolate(images, [height, width], mode: InterpolationMode.Bilinear, align_corners: false);
    }

    private double Pixels(int epoch)
    {
        var (height, width) = At(epoch);
        return (double)height * width;
    }
}
