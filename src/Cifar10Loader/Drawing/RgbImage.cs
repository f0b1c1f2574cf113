using Microsoft.ML.Data;
using SkiaSharp;

namespace Cifar10Loader;

/// <summary>An image as bytes: for each pixel, row by row, red, green and blue.</summary>
internal sealed record RgbImage(int Width, int Height, byte[] Pixels)
{
    /// <exception cref="InvalidDataException">The file is no image that can be decoded.</exception>
    public static RgbImage Read(string path)
    {
        try
        {
            using MLImage image = MLImage.CreateFromFile(path);
            return From(image);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new InvalidDataException($"'{path}' is no image that can be decoded: {e.Message}", e);
        }
    }

    public static RgbImage From(MLImage image)
    {
        var pixels = new byte[3 * image.Width * image.Height];
        ReadOnlySpan<byte> source = image.Pixels;
        (int red, int blue) = image.PixelFormat == MLPixelFormat.Bgra32 ? (2, 0) : (0, 2);
        for (int from = 0, to = 0; to < pixels.Length; from += 4, to += 3)
        {
            pixels[to] = source[from + red];
            pixels[to + 1] = source[from + 1];
            pixels[to + 2] = source[from + blue];
        }

        return new RgbImage(image.Width, image.Height, pixels);
    }

    public static RgbImage FromPlanes(int width, int height, ReadOnlySpan<byte> planes)
    {
        int plane = width * height;
        var pixels = new byte[3 * plane];
        for (int i = 0; i < plane; i++)
        {
            for (int channel = 0; channel < 3; channel++)
                pixels[3 * i + channel] = planes[channel * plane + i];
        }

        return new RgbImage(width, height, pixels);
    }

    public void CopyPlanesTo(Span<byte> planes)
    {
        int plane = Width * Height;
        for (int i = 0; i < plane; i++)
        {
            for (int channel = 0; channel < 3; channel++)
                planes[channel * plane + i] = Pixels[3 * i + channel];
        }
    }

    public SKImage ToSkia()
    {
        var rgba = new byte[4 * Width * Height];
        for (int from = 0, to = 0; to < rgba.Length; from += 3, to += 4)
        {
            Pixels.AsSpan(from, 3).CopyTo(rgba.AsSpan(to));
            rgba[to + 3] = 255;
        }

        return SKImage.FromPixelCopy(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque), rgba);
    }

    /// <summary>The image as a PNG file.</summary>
    public byte[] EncodePng()
    {
        using SKImage image = ToSkia();
        using SKData png = image.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }

    /// <summary>
    /// The largest centered part with the target's proportions, scaled so that each target pixel is the mean of the area
    /// it covers (enlarging repeats pixels). An image of the target's size comes back unchanged.
    /// </summary>
    /// <remarks>
    /// Skia has no such filter: from flower photos its best makes 32x32 images that are 8 of 255 levels away from the area
    /// means (root of the mean square), because it blends power-of-two reductions.
    /// </remarks>
    public RgbImage CropAndResize(int width, int height)
    {
        if (width == Width && height == Height)
            return this;

        double scale = Math.Min((double)Width / width, (double)Height / height);
        (int From, double[] Weights)[] columns = Coverage((Width - width * scale) / 2, scale, width, Width);
        (int From, double[] Weights)[] rows = Coverage((Height - height * scale) / 2, scale, height, Height);
        var pixels = new byte[3 * width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int channel = 0; channel < 3; channel++)
                    pixels[3 * (y * width + x) + channel] = Mean(rows[y], columns[x], channel);
            }
        }

        return new RgbImage(width, height, pixels);
    }

    private byte Mean((int From, double[] Weights) rows, (int From, double[] Weights) columns, int channel)
    {
        double sum = 0;
        for (int i = 0; i < rows.Weights.Length; i++)
        {
            int at = 3 * ((rows.From + i) * Width + columns.From) + channel;
            double rowSum = 0;
            for (int j = 0; j < columns.Weights.Length; j++, at += 3)
                rowSum += columns.Weights[j] * Pixels[at];
            sum += rows.Weights[i] * rowSum;
        }

        return (byte)Math.Clamp(Math.Round(sum, MidpointRounding.AwayFromZero), 0, 255);
    }

    /// <summary>For each target pixel of one axis: the first source pixel it covers and the weight of each.</summary>
    private static (int From, double[] Weights)[] Coverage(double offset, double scale, int targetSize, int sourceSize)
    {
        var coverage = new (int, double[])[targetSize];
        for (int i = 0; i < targetSize; i++)
        {
            double start = Math.Max(0, offset + i * scale);
            double end = Math.Min(sourceSize, offset + (i + 1) * scale);
            int from = Math.Min((int)start, sourceSize - 1);
            int to = Math.Clamp((int)Math.Ceiling(end), from + 1, sourceSize);
            var weights = new double[to - from];
            for (int j = 0; j < weights.Length; j++)
                weights[j] = (Math.Min(end, from + j + 1) - Math.Max(start, from + j)) / (end - start);
            coverage[i] = (from, weights);
        }

        return coverage;
    }
}
