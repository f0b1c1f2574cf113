using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Crops and mirrors every image of a batch by draws of its own, on the device.</summary>
/// <param name="padding">Zeros around the image before a window of its size is cut out; 0 for no cropping.</param>
/// <param name="flip">Whether to mirror left to right with probability one half.</param>
internal sealed class Augmentation(int padding, bool flip)
{
    /// <summary>The augmentation that the options ask for.</summary>
    public static Augmentation Of(AugmentationOptions options, ImageShape shape) =>
        new(options.CropPadding ?? Math.Min(shape.Height, shape.Width) / 8, options.HorizontalFlip);

    /// <summary>Augments a batch.</summary>
    /// <param name="images">[N, C, H, W].</param>
    /// <param name="random">Where the draws come from.</param>
    /// <returns>[N, C, H, W]; the argument itself when there is nothing to do.</returns>
    public Tensor Apply(Tensor images, Random random)
    {
        if (padding == 0 && !flip)
            return images;

        using var scope = NewDisposeScope();
        (int count, int channels, int height, int width) =
            ((int)images.shape[0], (int)images.shape[1], (int)images.shape[2], (int)images.shape[3]);
        var (rows, columns) = Draw(count, height, width, random);

        // One gather does both: each output pixel names the pixel of the padded image it takes.
        long paddedWidth = width + 2 * padding;
        var padded = padding == 0 ? images : nn.functional.pad(images, [padding, padding, padding, padding]);
        var source = tensor(rows, [count, height, 1]) * paddedWidth + tensor(columns, [count, 1, width]);
        var index = source.to(images.device).view(count, 1, (long)height * width).expand(count, channels, -1);
        return padded.reshape(count, channels, -1)
            .gather(2, index)
            .view(count, channels, height, width)
            .MoveToOuterDisposeScope();
    }

    private (long[] Rows, long[] Columns) Draw(int count, int height, int width, Random random)
    {
        var rows = new long[count * height];
        var columns = new long[count * width];
        for (int i = 0; i < count; i++)
        {
            int top = random.Next(2 * padding + 1);
            int left = random.Next(2 * padding + 1);
            bool mirror = flip && random.Next(2) == 1;
            for (int y = 0; y < height; y++)
                rows[i * height + y] = top + y;
            for (int x = 0; x < width; x++)
                columns[i * width + x] = left + (mirror ? width - 1 - x : x);
        }
        return (rows, columns);
    }
}
