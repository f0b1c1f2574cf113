using Microsoft.ML;
using Microsoft.ML.Transforms.Image;
using SkiaSharp;

namespace MlNet.ImageClassification.Tests.Images;

[TestClass]
public sealed class ResizingTests
{
    private static readonly SKColor[] s_stripes = [new(200, 0, 0), new(0, 160, 0), new(0, 0, 100)];

    private readonly MLContext _ml = new();

    [TestMethod]
    public void An_image_of_the_size_asked_for_stays_as_it_is()
    {
        var pixels = _ml.LoadFile(ImageFiles.Png(4, 6, (x, y) => new SKColor((byte)(10 * x), (byte)(20 * y), (byte)(x + y))), 4, 6);

        var expected = Enumerable.Range(0, 24).SelectMany(i => new[] { (byte)(10 * (i % 4)), (byte)(20 * (i / 4)), (byte)(i % 4 + i / 4) });
        CollectionAssert.AreEqual(expected.ToArray(), pixels);
    }

    [TestMethod]
    public void An_image_is_enlarged_by_linear_interpolation()
    {
        // The centers of four pixels over two lie at -1/4, 1/4, 3/4 and 5/4 of the way from the first to the second.
        var pixels = _ml.LoadFile(ImageFiles.Png(2, 5, (x, _) => x == 0 ? SKColors.Black : new SKColor(200, 200, 200)), 4, 5, Fill());

        var row = new byte[] { 0, 0, 0, 50, 50, 50, 150, 150, 150, 200, 200, 200 };
        CollectionAssert.AreEqual(Enumerable.Repeat(row, 5).SelectMany(r => r).ToArray(), pixels);
    }

    [TestMethod]
    public void Bicubic_enlarges_by_the_cubic_of_Keys_and_overshoots_at_edges()
    {
        // The centers lie a quarter of a pixel to the left of the first, a quarter to its right and so on. With distances of 1/4 and
        // 5/4 the cubic is 0.8671875 and -0.0703125, with 1/4 and 3/4 it is 0.8671875 and 0.2265625; they are divided by their sum.
        var options = new LoadImageFilesOptions { Resizing = ImageResizingEstimator.ResizingKind.Fill, Interpolation = ImageInterpolation.Bicubic };
        var soft = _ml.LoadFile(ImageFiles.Png(2, 5, (x, _) => x == 0 ? new SKColor(50, 0, 255) : new SKColor(150, 255, 0)), 4, 5, options);

        double outer = -0.0703125 / (0.8671875 - 0.0703125), inner = 0.2265625 / (0.8671875 + 0.2265625);
        byte[] red = [.. new[] { outer, inner, 1 - inner, 1 - outer }.Select(share => (byte)Math.Round(50 + 100 * share))];
        byte[] green = [0, .. new[] { inner, 1 - inner }.Select(share => (byte)Math.Round(255 * share)), 255];
        for (int x = 0; x < 4; x++)
            CollectionAssert.AreEqual(new[] { red[x], green[x], green[3 - x] }, soft[(3 * x)..(3 * x + 3)]);
    }

    [TestMethod]
    public void An_image_is_reduced_by_a_triangle_as_wide_as_two_pixels_of_the_result()
    {
        // Half the size: the weights of four pixels are 1/8, 3/8, 3/8 and 1/8; at the border 3/7, 3/7 and 1/7 of three.
        byte[] values = [0, 80, 160, 240];
        var pixels = _ml.LoadFile(ImageFiles.Png(4, 5, (x, _) => new SKColor(values[x], 0, 0)), 2, 5, Fill());

        byte left = (byte)Math.Round((3 * 0 + 3 * 80 + 1 * 160) / 7.0), right = (byte)Math.Round((1 * 80 + 3 * 160 + 3 * 240) / 7.0);
        CollectionAssert.AreEqual(new byte[] { left, 0, 0, right, 0, 0 }, pixels[..6]);
    }

    [TestMethod]
    [DataRow(SKEncodedImageFormat.Png)]
    [DataRow(SKEncodedImageFormat.Jpeg)]
    public void A_pattern_finer_than_the_result_becomes_its_mean(SKEncodedImageFormat format)
    {
        Func<int, int, SKColor> chequered = (x, y) => (x + y) % 2 == 0 ? SKColors.White : SKColors.Black;
        var file = format == SKEncodedImageFormat.Png ? ImageFiles.Png(403, 403, chequered) : ImageFiles.Jpeg(403, 403, chequered);

        Loading.AreNear(Enumerable.Repeat((byte)127, 3 * 7 * 7).ToArray(), _ml.LoadFile(file, 7, 7), tolerance: 2);
    }

    [TestMethod]
    public void A_pattern_of_any_frequency_is_reduced_without_false_ones()
    {
        // Rings whose frequency grows from the center: waves of 32 pixels at 1/16 of the way to the border, of 2 at the border.
        // A result of 1/16 of the size shows those of 32 pixels and longer; the rest is grey.
        const int Side = 512, Reduced = 32;
        var file = ImageFiles.Png(Side, Side, (x, y) =>
        {
            double square = Math.Pow(x - Side / 2, 2) + Math.Pow(y - Side / 2, 2);
            byte value = (byte)Math.Round(127.5 + 127.5 * Math.Cos(Math.PI * square / Side));
            return new SKColor(value, value, value);
        });

        var pixels = _ml.LoadFile(file, Reduced, Reduced);

        for (int i = 0; i < Reduced * Reduced; i++)
        {
            double fromCenter = Math.Sqrt(Math.Pow(i % Reduced - 15.5, 2) + Math.Pow(i / Reduced - 15.5, 2));
            if (fromCenter is > 5 and < 15)
                Assert.IsLessThanOrEqualTo(12, Math.Abs(pixels[3 * i] - 127.5), $"pixel {i}");
        }
    }

    [TestMethod]
    public void IsoCrop_cuts_out_the_middle()
    {
        var pixels = _ml.LoadFile(ImageFiles.Png(15, 5, (x, _) => s_stripes[x / 5]), 5, 5);
        CollectionAssert.AreEqual(Enumerable.Repeat(new byte[] { 0, 160, 0 }, 25).SelectMany(p => p).ToArray(), pixels);
    }

    [TestMethod]
    public void IsoPad_shows_the_whole_image_with_a_margin()
    {
        var options = new LoadImageFilesOptions
        {
            Resizing = ImageResizingEstimator.ResizingKind.IsoPad,
            PaddingColor = System.Drawing.Color.FromArgb(1, 2, 3),
        };
        var pixels = _ml.LoadFile(ImageFiles.Png(6, 4, (_, _) => s_stripes[0]), 6, 8, options);

        // Two rows of margin, four of image, two of margin.
        byte[] expected = [.. Rows(2, [1, 2, 3]), .. Rows(4, [200, 0, 0]), .. Rows(2, [1, 2, 3])];
        CollectionAssert.AreEqual(expected, pixels);

        static IEnumerable<byte> Rows(int count, byte[] pixel) => Enumerable.Repeat(pixel, 6 * count).SelectMany(p => p);
    }

    [TestMethod]
    public void Fill_distorts_the_whole_image()
    {
        var pixels = _ml.LoadFile(ImageFiles.Png(30, 6, (x, _) => s_stripes[x / 10]), 3, 6, Fill());

        // The triangle reaches 10 pixels to both sides: 3/4 of its weight lie in the middle third, 6/7 of what is left at the
        // border in the outer ones.
        Assert.AreEqual((171, 120, 86), (pixels[0], pixels[4], pixels[8]));
    }

    [TestMethod]
    public void One_pixel_wide_and_one_pixel_high_images_can_be_used()
    {
        foreach (var (width, height) in new[] { (1, 1), (1, 300), (300, 1) })
            foreach (var resizing in Enum.GetValues<ImageResizingEstimator.ResizingKind>())
            {
                var pixels = _ml.LoadFile(
                    ImageFiles.Png(width, height, (_, _) => s_stripes[1]), 5, 5,
                    new() { Resizing = resizing, PaddingColor = System.Drawing.Color.FromArgb(0, 160, 0) });
                CollectionAssert.AreEqual(Enumerable.Repeat(new byte[] { 0, 160, 0 }, 25).SelectMany(p => p).ToArray(), pixels);
            }
    }

    private static LoadImageFilesOptions Fill() => new() { Resizing = ImageResizingEstimator.ResizingKind.Fill };
}
