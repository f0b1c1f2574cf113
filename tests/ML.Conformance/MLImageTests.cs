using Microsoft.ML.Data;

namespace ML.Conformance;

[TestClass]
public sealed class MLImageTests
{
    // Decoders may round the last steps of JPEG differently; everything else is exact but for the premultiplication.
    [TestMethod]
    [DataRow("color.jpg", 3)]
    [DataRow("progressive.jpg", 3)]
    [DataRow("gray.jpg", 3)]
    [DataRow("cmyk.jpg", 3)]
    [DataRow("color.png", 0)]
    [DataRow("alpha.png", 1)]
    [DataRow("palette-alpha.png", 1)]
    [DataRow("interlaced.png", 0)]
    [DataRow("color16.png", 0)]
    [DataRow("gray16.png", 0)]
    [DataRow("one-pixel.png", 0)]
    [DataRow("color.bmp", 0)]
    [DataRow("palette.bmp", 0)]
    [DataRow("two-colors.bmp", 0)]
    public void Decoded_pixels_are_those_of_PIL_premultiplied_by_alpha(string name, int tolerance)
    {
        var expected = TestImages.PixelsByPil(name);

        using var image = MLImage.CreateFromFile(TestImages.PathOf(name));

        Assert.AreEqual(expected.Length, image.Pixels.Length);
        for (var i = 0; i < expected.Length; i += 4)
        {
            var (x, y) = (i / 4 % image.Width, i / 4 / image.Width);
            var (red, green, blue, alpha) = TestImages.PixelAt(image, x, y);
            Assert.AreEqual(expected[i + 3], alpha, $"alpha at {x}, {y}");
            Assert.AreEqual(expected[i] * alpha / 255.0, red, tolerance + 0.5, $"red at {x}, {y}");
            Assert.AreEqual(expected[i + 1] * alpha / 255.0, green, tolerance + 0.5, $"green at {x}, {y}");
            Assert.AreEqual(expected[i + 2] * alpha / 255.0, blue, tolerance + 0.5, $"blue at {x}, {y}");
        }
    }

    [TestMethod]
    public void An_image_has_the_size_of_its_file()
    {
        using var image = MLImage.CreateFromFile(TestImages.PathOf("color.jpg"));

        Assert.AreEqual(TestImages.Width, image.Width);
        Assert.AreEqual(TestImages.Height, image.Height);
        Assert.AreEqual(MLPixelFormat.Bgra32, image.PixelFormat);
    }

    [TestMethod]
    public void Exif_orientation_is_not_applied()
    {
        using var image = MLImage.CreateFromFile(TestImages.PathOf("exif-rotated.jpg"));

        Assert.AreEqual(TestImages.Width, image.Width);
        Assert.AreEqual(TestImages.Height, image.Height);
    }

    [TestMethod]
    public void The_content_tells_the_format_not_the_extension()
    {
        using var folder = new TempFolder();
        var path = folder.At("really-a-png.jpg");
        File.Copy(TestImages.PathOf("color.png"), path);

        using var image = MLImage.CreateFromFile(path);

        using var png = MLImage.CreateFromFile(TestImages.PathOf("color.png"));
        Assert.IsTrue(png.Pixels.SequenceEqual(image.Pixels));
    }

    [TestMethod]
    public void A_stream_gives_the_same_image_as_its_file()
    {
        using var stream = File.OpenRead(TestImages.PathOf("color.jpg"));

        using var image = MLImage.CreateFromStream(stream);

        using var fromFile = MLImage.CreateFromFile(TestImages.PathOf("color.jpg"));
        Assert.IsTrue(fromFile.Pixels.SequenceEqual(image.Pixels));
    }

    [TestMethod]
    [DataRow(MLPixelFormat.Bgra32)]
    [DataRow(MLPixelFormat.Rgba32)]
    public void Pixels_given_are_kept_in_their_order(MLPixelFormat format)
    {
        byte[] pixels = [1, 2, 3, 255, 4, 5, 6, 255];

        using var image = MLImage.CreateFromPixels(2, 1, format, pixels);

        Assert.AreEqual(2, image.Width);
        Assert.AreEqual(1, image.Height);
        Assert.AreEqual(format, image.PixelFormat);
        CollectionAssert.AreEqual(pixels, image.Pixels.ToArray());
    }

    [TestMethod]
    [DataRow(0, 1, MLPixelFormat.Bgra32, 4, "Invalid width value.")]
    [DataRow(1, -1, MLPixelFormat.Bgra32, 4, "Invalid height value.")]
    [DataRow(1, 1, MLPixelFormat.Unknown, 4, "Unsupported pixel format")]
    [DataRow(1, 1, MLPixelFormat.Rgba32, 3, "Invalid imagePixelData buffer size.")]
    public void Pixels_that_do_not_fit_are_refused(
        int width, int height, MLPixelFormat format, int bytes, string message)
    {
        var exception = Assert.ThrowsExactly<ArgumentException>(
            () => MLImage.CreateFromPixels(width, height, format, new byte[bytes]));

        StringAssert.StartsWith(exception.Message, message);
    }

    [TestMethod]
    [DataRow(MLPixelFormat.Bgra32)]
    [DataRow(MLPixelFormat.Rgba32)]
    public void A_saved_PNG_holds_the_same_colors(MLPixelFormat format)
    {
        using var folder = new TempFolder();
        var path = folder.At("saved.png");
        using var image = MLImage.CreateFromPixels(2, 1, format, [10, 20, 30, 255, 40, 30, 20, 128]);

        image.Save(path);

        using var saved = MLImage.CreateFromFile(path);
        Assert.AreEqual(TestImages.PixelAt(image, 0, 0), TestImages.PixelAt(saved, 0, 0));
        var (red, green, blue, alpha) = TestImages.PixelAt(image, 1, 0);
        var (savedRed, savedGreen, savedBlue, savedAlpha) = TestImages.PixelAt(saved, 1, 0);
        Assert.AreEqual(alpha, savedAlpha);
        Assert.AreEqual(red, savedRed, 1);
        Assert.AreEqual(green, savedGreen, 1);
        Assert.AreEqual(blue, savedBlue, 1);
    }

    [TestMethod]
    [DataRow("saved.jpg")]
    [DataRow("saved.JPEG")]
    public void A_saved_JPEG_comes_close(string name)
    {
        using var folder = new TempFolder();
        var path = folder.At(name);
        using var image = TestImages.Draw(16, 16, (x, y) => (100 + x, 120 + y, 90));

        image.Save(path);

        CollectionAssert.AreEqual(new[] { name }, Directory.GetFiles(folder.Path).Select(Path.GetFileName).ToArray());
        using var saved = MLImage.CreateFromFile(path);
        for (var y = 0; y < 16; y++)
            for (var x = 0; x < 16; x++)
            {
                var (red, green, blue, _) = TestImages.PixelAt(saved, x, y);
                Assert.AreEqual(100 + x, red, 4);
                Assert.AreEqual(120 + y, green, 4);
                Assert.AreEqual(90, blue, 4);
            }
    }

    [TestMethod]
    [DataRow("saved.txt", "Path has invalid image file extension.")]
    [DataRow("saved", "Path has invalid image file extension.")]
    [DataRow("saved.bmp", "Saving image with the format '.bmp' is not supported.")]
    public void A_format_that_cannot_be_written_is_refused_and_nothing_is_left_behind(string name, string message)
    {
        using var folder = new TempFolder();
        using var image = TestImages.Draw(1, 1, (_, _) => (1, 2, 3));

        var exception = Assert.ThrowsExactly<ArgumentException>(() => image.Save(folder.At(name)));

        StringAssert.StartsWith(exception.Message, message);
        Assert.IsEmpty(Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void A_tag_stays_with_its_image()
    {
        using var image = TestImages.Draw(1, 1, (_, _) => (1, 2, 3));
        Assert.IsNull(image.Tag);

        image.Tag = "somewhere.jpg";

        Assert.AreEqual("somewhere.jpg", image.Tag);
    }

    [TestMethod]
    public void A_disposed_image_says_so()
    {
        var image = TestImages.Draw(1, 1, (_, _) => (1, 2, 3));
        image.Dispose();
        image.Dispose();

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => image.Width);
        Assert.AreEqual("Object is disposed.", exception.Message);
        Assert.ThrowsExactly<InvalidOperationException>(() => image.Pixels.Length);
        Assert.ThrowsExactly<InvalidOperationException>(() => image.Save("disposed.png"));
    }
}
