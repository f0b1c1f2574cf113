using System.Runtime.InteropServices;
using SkiaSharp;

namespace MlNet.ImageClassification;

/// <summary>An image for people to look at.</summary>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Rgb">[height, width, 3] bytes: red, green, blue.</param>
internal sealed record Picture(int Width, int Height, byte[] Rgb)
{
    private const int JpegQuality = 85;

    /// <summary>Pictures of one size side by side, in rows.</summary>
    public static Picture Grid(IReadOnlyList<Picture> pictures, int columns)
    {
        var (width, height) = (pictures[0].Width, pictures[0].Height);
        columns = Math.Min(columns, pictures.Count);
        int rows = (pictures.Count + columns - 1) / columns;
        var grid = new Picture(columns * width, rows * height, new byte[3 * columns * width * rows * height]);
        for (int i = 0; i < pictures.Count; i++)
            for (int y = 0; y < height; y++)
                pictures[i].Rgb.AsSpan(3 * y * width, 3 * width)
                    .CopyTo(grid.Rgb.AsSpan(3 * ((i / columns * height + y) * grid.Width + i % columns * width)));
        return grid;
    }

    /// <summary>The picture as a PNG file.</summary>
    public byte[] EncodePng() => Encode(this, SKEncodedImageFormat.Png);

    /// <summary>The picture as a JPEG file.</summary>
    public byte[] EncodeJpeg() => Encode(this, SKEncodedImageFormat.Jpeg);

    /// <summary>The picture, smaller where a side is longer than that.</summary>
    public Picture ShrinkTo(int longestSide)
    {
        int longest = Math.Max(Width, Height);
        if (longest <= longestSide)
            return this;
        using var bitmap = ToBitmap();
        using var small = bitmap.Resize(
            new SKImageInfo(Math.Max(1, Width * longestSide / longest), Math.Max(1, Height * longestSide / longest), SKColorType.Rgba8888, SKAlphaType.Opaque),
            SKFilterQuality.High);
        var rgba = small.GetPixelSpan();
        var rgb = new byte[3 * small.Width * small.Height];
        for (int i = 0; i < rgb.Length / 3; i++)
            (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = (rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]);
        return new Picture(small.Width, small.Height, rgb);
    }

    private static byte[] Encode(Picture picture, SKEncodedImageFormat format)
    {
        using var bitmap = picture.ToBitmap();
        using var data = bitmap.Encode(format, JpegQuality);
        return data.ToArray();
    }

    private SKBitmap ToBitmap()
    {
        var rgba = new byte[4 * Width * Height];
        for (int i = 0; i < Width * Height; i++)
            (rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2], rgba[4 * i + 3]) = (Rgb[3 * i], Rgb[3 * i + 1], Rgb[3 * i + 2], 255);
        var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Marshal.Copy(rgba, 0, bitmap.GetPixels(), rgba.Length);
        return bitmap;
    }
}
