using System.Drawing;
using Microsoft.ML;
using Microsoft.ML.Transforms.Image;
using SkiaSharp;

namespace MlNet.ImageClassification.Tests.Images;

[TestClass]
public sealed class DecodingTests
{
    private readonly MLContext _ml = new();

    [TestMethod]
    [DataRow((byte)1)]
    [DataRow((byte)2)]
    [DataRow((byte)3)]
    [DataRow((byte)4)]
    [DataRow((byte)5)]
    [DataRow((byte)6)]
    [DataRow((byte)7)]
    [DataRow((byte)8)]
    public void An_image_is_turned_upright(byte orientation)
    {
        // Quarters of different colors, as large as JPEG's blocks of color, so that coding changes them little.
        const int Width = 96, Height = 64;
        SKColor Upright(int x, int y) => (x < Width / 3, y < Height / 2) switch
        {
            (true, true) => new(200, 40, 40),
            (false, true) => new(40, 200, 40),
            (true, false) => new(40, 40, 200),
            _ => new(180, 180, 60),
        };
        // EXIF: which side of the upright image the first row and the first column of the file are.
        (int Width, int Height, Func<int, int, SKColor> Pixel) file = orientation switch
        {
            1 => (Width, Height, Upright),                                                  // top, left
            2 => (Width, Height, (x, y) => Upright(Width - 1 - x, y)),                      // top, right
            3 => (Width, Height, (x, y) => Upright(Width - 1 - x, Height - 1 - y)),         // bottom, right
            4 => (Width, Height, (x, y) => Upright(x, Height - 1 - y)),                     // bottom, left
            5 => (Height, Width, (x, y) => Upright(y, x)),                                  // left, top
            6 => (Height, Width, (x, y) => Upright(Width - 1 - y, x)),                      // right, top
            7 => (Height, Width, (x, y) => Upright(Width - 1 - y, Height - 1 - x)),         // right, bottom
            _ => (Height, Width, (x, y) => Upright(y, Height - 1 - x)),                     // left, bottom
        };
        var turned = ImageFiles.WithOrientation(ImageFiles.Jpeg(file.Width, file.Height, file.Pixel), orientation);
        var upright = ImageFiles.Jpeg(Width, Height, Upright);

        foreach (var resizing in Enum.GetValues<ImageResizingEstimator.ResizingKind>())
            foreach (var (width, height) in new[] { (Width, Height), (20, 33), (35, 16) })
            {
                var options = new LoadImageFilesOptions { Resizing = resizing };
                Loading.AreNear(
                    _ml.LoadFile(upright, width, height, options), _ml.LoadFile(turned, width, height, options), tolerance: 3);
            }
    }

    [TestMethod]
    public void Transparent_pixels_show_the_background()
    {
        // Half of 255 is 128 of 255: red over white is 255, 127, 127, over blue 128, 0, 127.
        SKColor[] colors = [new(255, 0, 0, 128), new(9, 9, 9, 0), new(1, 2, 3, 255)];
        var file = ImageFiles.Png(3, 5, (x, _) => colors[x]);

        CollectionAssert.AreEqual(new byte[] { 255, 127, 127, 255, 255, 255, 1, 2, 3 }, _ml.LoadFile(file, 3, 5)[..9]);
        CollectionAssert.AreEqual(
            new byte[] { 128, 0, 127, 0, 0, 255, 1, 2, 3 }, _ml.LoadFile(file, 3, 5, new() { Background = Color.Blue })[..9]);
    }

    [TestMethod]
    public void Transparent_colors_of_a_palette_show_the_background()
    {
        byte[] rows = [.. Enumerable.Repeat<byte[]>([0, 0, 1], 5).SelectMany(row => row)];
        var file = ImageFiles.RawPng(2, 5, 8, 3, rows, ("PLTE", [10, 20, 30, 40, 50, 60]), ("tRNS", [255, 0]));

        CollectionAssert.AreEqual(new byte[] { 10, 20, 30, 255, 255, 255 }, _ml.LoadFile(file, 2, 5)[..6]);
    }

    [TestMethod]
    public void Samples_of_sixteen_bits_become_bytes()
    {
        // 0xFFFF, 0x8080 and 0x0101 are 255, 128 and 1 times 257.
        byte[] rows = [.. Enumerable.Repeat<byte[]>([0, 0xFF, 0xFF, 0x80, 0x80, 0x01, 0x01], 5).SelectMany(row => row)];
        CollectionAssert.AreEqual(new byte[] { 255, 128, 1 }, _ml.LoadFile(ImageFiles.RawPng(1, 5, 16, 2, rows), 1, 5)[..3]);
    }

    [TestMethod]
    public void Grey_becomes_three_equal_channels()
    {
        var file = ImageFiles.Jpeg(16, 16, (_, _) => new SKColor(90, 90, 90), SKColorType.Gray8);
        Assert.AreEqual(1, ComponentsOf(file));
        Loading.AreNear(Repeated(16 * 16, 90, 90, 90), _ml.LoadFile(file, 16, 16), tolerance: 1);
    }

    [TestMethod]
    public void Inks_become_colors() =>
        Loading.AreNear(Repeated(64, 0, 255, 0), _ml.LoadFile(ImageFiles.CmykJpeg, 8, 8), tolerance: 2);

    [TestMethod]
    public void The_first_frame_of_an_animation_is_taken()
    {
        CollectionAssert.AreEqual(Repeated(64, 255, 0, 0), _ml.LoadFile(ImageFiles.AnimatedGif, 8, 8));
        CollectionAssert.AreEqual(Repeated(64, 255, 0, 0), _ml.LoadFile(ImageFiles.AnimatedWebP, 8, 8));
    }

    [TestMethod]
    public void A_large_JPEG_gives_nearly_what_the_same_pixels_give_as_PNG()
    {
        // Decoded at one to eight eighths of its size: a smooth picture, which JPEG keeps well.
        static SKColor Smooth(int x, int y) => new((byte)(127 + 120 * Math.Sin(x / 90.0)), (byte)(127 + 120 * Math.Cos(y / 70.0)), (byte)((x + y) / 8));
        var jpeg = ImageFiles.Jpeg(1003, 771, Smooth);
        var png = ImageFiles.Png(1003, 771, Smooth);

        foreach (int side in new[] { 31, 48, 96, 140, 190, 235, 285, 330, 380 })
            Loading.AreNear(_ml.LoadFile(png, side, side), _ml.LoadFile(jpeg, side, side), tolerance: 3);
    }

    private static byte[] Repeated(int pixels, byte red, byte green, byte blue) =>
        [.. Enumerable.Repeat(new[] { red, green, blue }, pixels).SelectMany(pixel => pixel)];

    // The frame header of a JPEG: its marker, length, bits, height, width, and then the components.
    private static int ComponentsOf(byte[] jpeg) => jpeg[jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]) + 9];
}
