using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Sets a rectangle of some images to zero: 2 to 33 % of the area, with sides as 3 to 10 at most (Zhong et al., Random erasing data
/// augmentation, arXiv 1708.04896, with the ranges of torchvision).
/// </summary>
/// <param name="probability">How probable it is for an image.</param>
internal sealed class RandomErasing(double probability) : IAugmentation
{
    public const double SmallestArea = 0.02;
    public const double LargestArea = 0.33;
    public const double WidestRatio = 3.3;
    private const double NarrowestRatio = 0.3;
    private const int Tries = 10;

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Random random)
    {
        using var scope = NewDisposeScope();
        var (height, width) = ((int)images.shape[2], (int)images.shape[3]);
        var rectangles = new PixelRectangle[images.shape[0]];
        for (int i = 0; i < rectangles.Length; i++)
            if (random.NextDouble() < probability)
                rectangles[i] = Draw(height, width, random);
        return images.masked_fill(PixelRectangle.Mask(rectangles, height, width, images.device), 0).MoveToOuterDisposeScope();
    }

    /// <summary>A rectangle smaller than the image; none where none of ten draws is.</summary>
    internal static PixelRectangle Draw(int height, int width, Random random)
    {
        for (int i = 0; i < Tries; i++)
        {
            double area = height * width * (SmallestArea + (LargestArea - SmallestArea) * random.NextDouble());
            double ratio = NarrowestRatio * Math.Pow(WidestRatio / NarrowestRatio, random.NextDouble());
            var (high, wide) = ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
            if (high < height && wide < width)
                return new PixelRectangle(random.Next(height - high + 1), random.Next(width - wide + 1), high, wide);
        }
        return default;
    }
}
