using Microsoft.ML.Data;

namespace ML.Conformance;

/// <summary>The files of Images/, and images drawn.</summary>
internal static class TestImages
{
    public const int Width = 13;
    public const int Height = 9;

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Images", name);

    /// <summary>The pixels PIL decodes from a file: R, G, B, A, not premultiplied.</summary>
    public static byte[] PixelsByPil(string name) => File.ReadAllBytes(PathOf(name + ".rgba"));

    /// <summary>An image whose pixels a function of column and row gives as (red, green, blue).</summary>
    public static MLImage Draw(int width, int height, Func<int, int, (int Red, int Green, int Blue)> color)
    {
        var pixels = new byte[width * height * 4];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var (red, green, blue) = color(x, y);
                byte[] pixel = [(byte)blue, (byte)green, (byte)red, 255];
                pixel.CopyTo(pixels, (y * width + x) * 4);
            }

        return MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, pixels);
    }

    /// <summary>One pixel as (red, green, blue, alpha), whichever order the image keeps them in.</summary>
    public static (int Red, int Green, int Blue, int Alpha) PixelAt(MLImage image, int x, int y)
    {
        var pixel = image.Pixels.Slice((y * image.Width + x) * 4, 4);
        return image.PixelFormat == MLPixelFormat.Rgba32
            ? (pixel[0], pixel[1], pixel[2], pixel[3])
            : (pixel[2], pixel[1], pixel[0], pixel[3]);
    }
}
