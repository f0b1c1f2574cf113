using Microsoft.ML.Data;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class RgbImageTests
{
    [TestMethod]
    public void Png_written_here_is_decoded_to_the_same_pixels()
    {
        using var directory = new TempFolder();
        var image = new RgbImage(5, 3, [.. Enumerable.Range(0, 45).Select(i => (byte)(i * 37))]);
        string path = directory.Write("x.png", image.EncodePng());

        RgbImage back = RgbImage.Read(path);

        Assert.AreEqual(5, back.Width);
        Assert.AreEqual(3, back.Height);
        CollectionAssert.AreEqual(image.Pixels, back.Pixels);
    }

    [TestMethod]
    public void Resize_to_the_same_size_keeps_the_pixels()
    {
        var image = new RgbImage(2, 1, [1, 2, 3, 4, 5, 6]);
        Assert.AreSame(image, image.CropAndResize(2, 1));
    }

    [TestMethod]
    public void Shrinking_takes_the_mean_of_the_area()
    {
        // One row of four grey pixels, halved: the means of the pairs.
        var image = new RgbImage(4, 2, [.. new byte[] { 10, 20, 30, 50, 10, 20, 30, 50 }.SelectMany(v => new[] { v, v, v })]);
        CollectionAssert.AreEqual(new byte[] { 15, 15, 15, 40, 40, 40 }, image.CropAndResize(2, 1).Pixels);
    }

    [TestMethod]
    public void Shrinking_by_a_fraction_weighs_pixels_by_the_part_covered()
    {
        // 3 x 3 to 2 x 2: each target pixel is one and a half source pixels wide. First column: (1 x 0 + 0.5 x 90) / 1.5 = 30.
        byte[] row = [0, 90, 240];
        var image = new RgbImage(3, 3, [.. Enumerable.Repeat(row, 3).SelectMany(r => r).SelectMany(v => new[] { v, v, v })]);
        RgbImage small = image.CropAndResize(2, 2);
        Assert.AreEqual(30, small.Pixels[0]);
        Assert.AreEqual(190, small.Pixels[3]);
    }

    [TestMethod]
    public void Wide_image_loses_its_left_and_right()
    {
        // 4 x 1 to 2 x 1 would keep all; 4 x 1 to 1 x 1 keeps the centered square: half of pixels 1 and 2.
        var image = new RgbImage(4, 1, [.. new byte[] { 255, 20, 40, 255 }.SelectMany(v => new[] { v, v, v })]);
        CollectionAssert.AreEqual(new byte[] { 30, 30, 30 }, image.CropAndResize(1, 1).Pixels);
    }

    [TestMethod]
    public void Enlarging_repeats_pixels()
    {
        var image = new RgbImage(2, 2, [.. new byte[] { 1, 2, 3, 4 }.SelectMany(v => new[] { v, v, v })]);
        byte[] red = [.. image.CropAndResize(4, 4).Pixels.Where((_, i) => i % 3 == 0)];
        CollectionAssert.AreEqual(new byte[] { 1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4 }, red);
    }

    [TestMethod]
    [DataRow(MLPixelFormat.Bgra32)]
    [DataRow(MLPixelFormat.Rgba32)]
    public void Both_pixel_formats_of_MLImage_are_read(MLPixelFormat format)
    {
        byte[] pixels = format == MLPixelFormat.Bgra32 ? [3, 2, 1, 255] : [1, 2, 3, 255];
        using MLImage image = MLImage.CreateFromPixels(1, 1, format, pixels);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, RgbImage.From(image).Pixels);
    }
}
