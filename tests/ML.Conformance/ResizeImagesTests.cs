using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using static Microsoft.ML.Transforms.Image.ImageResizingEstimator;

namespace ML.Conformance;

[TestClass]
public sealed class ResizeImagesTests
{
    private readonly MLContext _mlContext = new();

    private sealed class ImageRow
    {
        [ImageType(height: 2, width: 2)]
        public MLImage? Image { get; set; }
    }

    [TestMethod]
    public void The_size_is_asked_for_as_width_and_height_and_its_type_says_height_and_width()
    {
        var data = Rows(TestImages.Draw(6, 5, (_, _) => (1, 2, 3)));

        var resized = _mlContext.Transforms.ResizeImages("Small", 4, 2, "Image").Fit(data).Transform(data);

        var type = (ImageDataViewType)resized.Schema["Small"].Type;
        Assert.IsTrue(new ImageDataViewType(height: 2, width: 4).Equals(type));
        Assert.AreEqual((2, 4), (type.Height, type.Width));
        Assert.AreEqual("Image<2, 4>", type.ToString());
        ImageRows.ReadImages(resized, "Small", image => Assert.AreEqual((4, 2), (image.Width, image.Height)));
    }

    [TestMethod]
    public void Fill_takes_the_nearest_pixel()
    {
        // Of six columns shrunk to two, each stands for three, by its middle one; of one row made three, all are it.
        var image = TestImages.Draw(6, 1, (x, _) => (10 * x, 0, 255 - x));

        CheckResized(image, 2, 3, ResizingKind.Fill, Anchor.Center, small =>
        {
            for (var y = 0; y < 3; y++)
            {
                Assert.AreEqual((10, 0, 254, 255), TestImages.PixelAt(small, 0, y));
                Assert.AreEqual((40, 0, 251, 255), TestImages.PixelAt(small, 1, y));
            }
        });
    }

    // A ramp of 5 levels a column, 40 x 20, to 20 x 20: the scale is 1 and the anchor says which columns stay. The filter
    // keeps ramps, except at the border of the image.
    [TestMethod]
    [DataRow(Anchor.Left, 0)]
    [DataRow(Anchor.Center, 10)]
    [DataRow(Anchor.Right, 20)]
    [DataRow(Anchor.Top, 10)]
    public void A_wide_image_is_cropped_to_the_columns_at_the_anchor(Anchor anchor, int firstColumn)
    {
        var image = TestImages.Draw(40, 20, (x, _) => (5 * x, 100, 7));

        CheckResized(image, 20, 20, ResizingKind.IsoCrop, anchor, cropped =>
        {
            for (var x = 2; x < 18; x++)
            {
                var (red, green, blue, alpha) = TestImages.PixelAt(cropped, x, 11);
                Assert.AreEqual(5 * (firstColumn + x), red, 1, $"column {x}");
                Assert.AreEqual((100, 7, 255), (green, blue, alpha));
            }
        });
    }

    [TestMethod]
    [DataRow(Anchor.Top, 0)]
    [DataRow(Anchor.Center, 10)]
    [DataRow(Anchor.Bottom, 20)]
    [DataRow(Anchor.Right, 10)]
    public void A_tall_image_is_cropped_to_the_rows_at_the_anchor(Anchor anchor, int firstRow)
    {
        var image = TestImages.Draw(20, 40, (_, y) => (9, 5 * y, 100));

        CheckResized(image, 20, 20, ResizingKind.IsoCrop, anchor, cropped =>
        {
            for (var y = 2; y < 18; y++)
                Assert.AreEqual(5 * (firstRow + y), TestImages.PixelAt(cropped, 3, y).Green, 1, $"row {y}");
        });
    }

    // Halving the ramp of 40 columns to 20, of which the middle 10 stay: column x shows source position 2x + 10.5.
    [TestMethod]
    public void Cropping_shrinks_to_the_tighter_side_first()
    {
        var image = TestImages.Draw(40, 20, (x, _) => (5 * x, 0, 0));

        CheckResized(image, 10, 10, ResizingKind.IsoCrop, Anchor.Center, cropped =>
        {
            for (var x = 0; x < 10; x++)
                Assert.AreEqual(10 * x + 52.5, TestImages.PixelAt(cropped, x, 5).Red, 1.01, $"column {x}");
        });
    }

    [TestMethod]
    public void Padding_keeps_the_whole_image_between_black_bars()
    {
        var image = TestImages.Draw(40, 20, (_, _) => (200, 150, 100));

        CheckResized(image, 20, 20, ResizingKind.IsoPad, Anchor.Center, padded =>
        {
            for (var y = 0; y < 20; y++)
            {
                var (red, green, blue, _) = TestImages.PixelAt(padded, 10, y);
                Assert.AreEqual(y is >= 5 and < 15 ? (200, 150, 100) : (0, 0, 0), (red, green, blue), $"row {y}");
            }
        });
    }

    // A step from 0 to 200 between the second and third of four columns, doubled. Mitchell's filter weighs the source
    // pixels at distances 0.25, 0.75, 1.25 and 1.75 by 0.7821, 0.2561, -0.0234 and -0.0148.
    [TestMethod]
    public void Enlarging_is_cubic()
    {
        var image = TestImages.Draw(4, 4, (x, _) => (x < 2 ? 0 : 200, 0, 0));

        CheckResized(image, 8, 8, ResizingKind.IsoCrop, Anchor.Center, large =>
        {
            int[] expected = [0, 0, 0, 48, 152, 205, 203, 200];
            for (var x = 0; x < 8; x++)
                Assert.AreEqual(expected[x], TestImages.PixelAt(large, x, 4).Red, 1, $"column {x}");
        });
    }

    [TestMethod]
    [StandInOnly("The real package samples four by four pixels however much it shrinks.")]
    public void Shrinking_averages_what_it_cannot_show()
    {
        // One column in eight is white, none of them near the middle of those that become one.
        var image = TestImages.Draw(64, 64, (x, _) => x % 8 == 0 ? (255, 255, 255) : (0, 0, 0));

        CheckResized(image, 8, 8, ResizingKind.IsoCrop, Anchor.Center, small =>
        {
            for (var x = 2; x < 6; x++)
                Assert.AreEqual(255 / 8.0, TestImages.PixelAt(small, x, 4).Green, 2, $"column {x}");
        });
    }

    [TestMethod]
    public void Transparent_pixels_come_out_on_black()
    {
        var image = MLImage.CreateFromPixels(1, 1, MLPixelFormat.Rgba32, [100, 50, 20, 128]);

        CheckResized(image, 2, 2, ResizingKind.IsoCrop, Anchor.Center, large =>
        {
            var (red, green, blue, alpha) = TestImages.PixelAt(large, 1, 1);
            Assert.AreEqual(255, alpha);
            Assert.AreEqual(100, red, 1);
            Assert.AreEqual(50, green, 1);
            Assert.AreEqual(20, blue, 1);
        });
    }

    [TestMethod]
    public void A_large_JPEG_read_from_its_file_shrinks_like_its_pixels()
    {
        using var folder = new TempFolder();
        using (var large = TestImages.Draw(300, 200, (x, y) => (x * 255 / 299, y * 255 / 199, 128)))
            large.Save(folder.At("large.jpg"));
        using var decoded = MLImage.CreateFromFile(folder.At("large.jpg"));
        var paths = ImageRows.OfPaths(_mlContext, "large.jpg");
        var fromFile = _mlContext.Transforms.LoadImages("Image", folder.Path, "Path")
            .Append(_mlContext.Transforms.ResizeImages("Image", 24, 20))
            .Fit(paths).Transform(paths);

        CheckResized(decoded, 24, 20, ResizingKind.IsoCrop, Anchor.Center, expected =>
            ImageRows.ReadImages(fromFile, "Image", actual =>
            {
                for (var i = 0; i < expected.Pixels.Length; i++)
                    Assert.AreEqual(expected.Pixels[i], actual.Pixels[i], 4, $"byte {i}");
            }));
    }

    [TestMethod]
    public void A_tag_goes_with_the_resized_image()
    {
        var image = TestImages.Draw(4, 4, (_, _) => (1, 2, 3));
        image.Tag = "four by four";

        CheckResized(image, 2, 2, ResizingKind.Fill, Anchor.Center, small => Assert.AreEqual("four by four", small.Tag));
    }

    [TestMethod]
    public void An_image_of_the_right_size_is_handed_on_and_then_disposed()
    {
        var data = _mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, 2).Select(i => new ImageRow { Image = TestImages.Draw(2, 2, (_, _) => (i, i, i)) }).ToList());
        var pixels = _mlContext.Transforms.ResizeImages("Image", 2, 2)
            .Append(_mlContext.Transforms.ExtractPixels("Pixels", "Image"))
            .Fit(data).Transform(data);
        var firstPass = ImageRows.ReadVectors<float>(pixels, "Pixels");
        CollectionAssert.AreEqual(Enumerable.Repeat(1f, 12).ToArray(), firstPass[1]);

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => ImageRows.ReadVectors<float>(pixels, "Pixels"));

        Assert.AreEqual("Object is disposed.", exception.Message);
    }

    [TestMethod]
    [DataRow(ResizingKind.IsoCrop, Anchor.Left)]
    [DataRow(ResizingKind.IsoCrop, Anchor.Bottom)]
    [DataRow(ResizingKind.IsoPad, Anchor.Center)]
    [DataRow(ResizingKind.Fill, Anchor.Center)]
    public void A_saved_model_resizes_alike(ResizingKind resizing, Anchor anchor)
    {
        var data = Rows(TestImages.Draw(9, 7, (x, y) => (20 * x, 30 * y, 50)));
        var model = _mlContext.Transforms.ResizeImages("Small", 4, 5, "Image", resizing, anchor)
            .Append(_mlContext.Transforms.ExtractPixels("Pixels", "Small"))
            .Fit(data);
        using var stream = new MemoryStream();

        _mlContext.Model.Save(model, null, stream);
        var loaded = new MLContext().Model.Load(stream, out _);

        CollectionAssert.AreEqual(
            ImageRows.ReadVectors<float>(model.Transform(data), "Pixels")[0],
            ImageRows.ReadVectors<float>(loaded.Transform(data), "Pixels")[0]);
    }

    [TestMethod]
    public void Images_of_a_type_that_is_not_registered_cannot_be_read_out_of_objects()
    {
        var anySize = SchemaDefinition.Create(typeof(ImageRow));
        anySize["Image"].ColumnType = new ImageDataViewType();
        var image = TestImages.Draw(2, 2, (_, _) => (1, 2, 3));
        var data = _mlContext.Data.LoadFromEnumerable([new ImageRow { Image = image }], anySize);

        var exception = Assert.ThrowsExactly<NotSupportedException>(
            () => ImageRows.ReadImages(data, "Image", _ => { }));

        Assert.AreEqual("Type 'Microsoft.ML.Data.MLImage' is not yet supported.", exception.Message);
    }

    [TestMethod]
    public void A_schema_of_images_alone_cannot_be_saved()
    {
        var data = Rows(TestImages.Draw(2, 2, (_, _) => (1, 2, 3)));
        var model = _mlContext.Transforms.ResizeImages("Small", 4, 5, "Image").Fit(data);

        var exception = Assert.ThrowsExactly<InvalidOperationException>(
            () => _mlContext.Model.Save(model, data.Schema, new MemoryStream()));

        Assert.AreEqual("No valid columns to save", exception.Message);
    }

    [TestMethod]
    public void Only_image_columns_are_resized()
    {
        var data = ImageRows.OfPaths(_mlContext, "color.jpg");

        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _mlContext.Transforms.ResizeImages("Path", 2, 2).Fit(data));

        StringAssert.StartsWith(exception.Message, "Schema mismatch for input column 'Path': expected image, got String");
    }

    [TestMethod]
    [DataRow(0, 1, "imageWidth")]
    [DataRow(1, -1, "imageHeight")]
    public void A_size_that_is_none_is_refused(int width, int height, string argument)
    {
        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _mlContext.Transforms.ResizeImages("Image", width, height));

        Assert.AreEqual(argument, exception.ParamName);
    }

    // A type of size must be registered before objects can hold its images; the attribute does that for its own.
    private IDataView Rows(MLImage image)
    {
        new ImageTypeAttribute(image.Height, image.Width).Register();
        var sized = SchemaDefinition.Create(typeof(ImageRow));
        sized["Image"].ColumnType = new ImageDataViewType(image.Height, image.Width);
        return _mlContext.Data.LoadFromEnumerable([new ImageRow { Image = image }], sized);
    }

    private void CheckResized(
        MLImage image, int width, int height, ResizingKind resizing, Anchor anchor, Action<MLImage> look)
    {
        var data = Rows(image);
        var resized = _mlContext.Transforms.ResizeImages("Small", width, height, "Image", resizing, anchor)
            .Fit(data).Transform(data);
        var rows = 0;

        ImageRows.ReadImages(resized, "Small", small =>
        {
            rows++;
            Assert.AreEqual((width, height), (small.Width, small.Height));
            look(small);
        });

        Assert.AreEqual(1, rows);
    }
}
