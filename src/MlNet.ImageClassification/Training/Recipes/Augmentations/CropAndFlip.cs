using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Crops and mirrors every image of a batch by draws of its own, on the device.</summary>
/// <param name="padding">Zeros around the image before a window of its size is cut out; 0 for no cropping.</param>
/// <param name="flip">Whether to mirror left to right with probability one half.</param>
/// <param name="minimumArea">The smallest share of the area of a window that is resized; 1 for none. Below 1 there is no padding.</param>
internal sealed class CropAndFlip(int padding, bool flip, double minimumArea = 1) : IAugmentation
{
    private const double WidestRatio = 4.0 / 3;
    private const int Tries = 10;

    /// <inheritdoc/>
    /// <remarks>The argument itself comes back where there is nothing to do.</remarks>
    public Tensor Apply(Tensor images, Random random)
    {
        if (minimumArea < 1)
            return ResizeWindows(images, random);
        if (padding == 0 && !flip)
            return images;

        using var scope = NewDisposeScope();
        (int count, int channels, int height, int width) =
            ((int)images.shape[0], (int)images.shape[1], (int)images.shape[2], (int)images.shape[3]);
        var (rows, columns) = Draw(count, height, width, random);

        // One gather does both: each output pixel names the pixel of the padded image it takes.
        long paddedWidth = width + 2 * padding;
        var padded = padding == 0 ? images : nn.functional.pad(images, [padding, padding, padding, padding]);
        var source = tensor(rows, [count, height, 1]).SendTo(images.device) * paddedWidth + tensor(columns, [count, 1, width]).SendTo(images.device);
        var index = source.view(count, 1, (long)height * width).expand(count, channels, -1);
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

    // Each output pixel is interpolated where an affine map of its place, in [-1, 1], leads to.
    private Tensor ResizeWindows(Tensor images, Random random)
    {
        using var scope = NewDisposeScope();
        (long height, long width) = (images.shape[2], images.shape[3]);
        var maps = new float[images.shape[0] * 6];
        for (int i = 0; i < maps.Length; i += 6)
        {
            var (wide, high) = DrawWindow(width, height, random);
            (maps[i], maps[i + 2]) = (flip && random.Next(2) == 1 ? -wide : wide, Offset(wide));
            (maps[i + 4], maps[i + 5]) = (high, Offset(high));
        }
        var grid = nn.functional.affine_grid(tensor(maps, [images.shape[0], 2, 3]).SendTo(images.device), images.shape, align_corners: false);
        return nn.functional.grid_sample(images, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Border, align_corners: false)
            .MoveToOuterDisposeScope();

        float Offset(float size) => (1 - size) * (2 * random.NextSingle() - 1);
    }

    /// <summary>Width and height of a window as shares of the image's; the whole image where none of ten draws fits into it.</summary>
    private (float Width, float Height) DrawWindow(long width, long height, Random random)
    {
        for (int i = 0; i < Tries; i++)
        {
            double area = (minimumArea + (1 - minimumArea) * random.NextDouble()) * width * height;
            double ratio = Math.Pow(WidestRatio, 2 * random.NextDouble() - 1);
            var (wide, high) = (Math.Sqrt(area * ratio) / width, Math.Sqrt(area / ratio) / height);
            if (wide <= 1 && high <= 1)
                return ((float)wide, (float)high);
        }
        return (1, 1);
    }
}
