using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

[TestClass]
public sealed class ImageErrorsTests
{
    private readonly MLContext _mlContext = new();

    [TestMethod]
    public void A_missing_file_is_an_invalid_path()
    {
        var exception = Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromFile("nowhere.jpg"));

        StringAssert.StartsWith(exception.Message, "Invalid path");
        Assert.AreEqual("imagePath", exception.ParamName);
    }

    [TestMethod]
    public void No_path_and_no_stream_are_refused()
    {
        Assert.ThrowsExactly<ArgumentNullException>(() => MLImage.CreateFromFile(null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => MLImage.CreateFromStream(null!));
    }

    [TestMethod]
    public void Bytes_that_are_no_image_are_refused()
    {
        var exception = Assert.ThrowsExactly<ArgumentException>(
            () => MLImage.CreateFromStream(new MemoryStream("GIF89a, or so"u8.ToArray())));

        StringAssert.StartsWith(exception.Message, "Invalid input stream contents");
        Assert.AreEqual("imageStream", exception.ParamName);
    }

    [TestMethod]
    public void A_missing_image_fails_its_row_and_names_the_file()
    {
        using var folder = new TempFolder();

        var exception = Assert.ThrowsExactly<FileNotFoundException>(() => Read(folder, "missing.jpg"));

        StringAssert.Contains(exception.Message, folder.At("missing.jpg"));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("This is a text file.")]
    public void A_file_that_is_no_image_fails_its_row_and_leaves_the_others_readable(string content)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.At("bad.jpg"), content);

        var exception = Assert.ThrowsExactly<ArgumentException>(() => Read(folder, "bad.jpg"));

        StringAssert.StartsWith(exception.Message, "Invalid input stream contents");
        AssertOtherRowsAreReadable(folder, "bad.jpg");
    }

    [TestMethod]
    [StandInOnly("The real package does not name the file.")]
    public void A_file_that_is_no_image_is_named()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.At("empty.jpg"), []);

        var exception = Assert.ThrowsExactly<ArgumentException>(() => Read(folder, "empty.jpg"));

        StringAssert.Contains(exception.Message, $"'{folder.At("empty.jpg")}': the file is empty.");
    }

    [TestMethod]
    [StandInOnly("The real package passes off the part that decodes as the whole image.")]
    [DataRow("color.jpg")]
    [DataRow("progressive.jpg")]
    [DataRow("gray.jpg")]
    [DataRow("color.png")]
    [DataRow("interlaced.png")]
    [DataRow("color.bmp")]
    [DataRow("palette.bmp")]
    public void A_file_cut_off_anywhere_fails_its_row_and_leaves_the_others_readable(string name)
    {
        using var folder = new TempFolder();
        var whole = File.ReadAllBytes(TestImages.PathOf(name));
        foreach (var length in Enumerable.Range(1, 12).Select(i => whole.Length * i / 14))
        {
            var bad = $"{length}-{name}";
            File.WriteAllBytes(folder.At(bad), whole[..length]);

            var exception = Assert.ThrowsExactly<ArgumentException>(() => Read(folder, bad), $"{length} bytes");

            StringAssert.StartsWith(exception.Message, "Invalid input stream contents");
            StringAssert.Contains(exception.Message, $"'{folder.At(bad)}'");
            AssertOtherRowsAreReadable(folder, bad);
        }
    }

    [TestMethod]
    public void A_JPEG_that_lacks_only_its_end_marker_is_read()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.At("no-end.jpg"), File.ReadAllBytes(TestImages.PathOf("color.jpg"))[..^2]);

        File.Copy(TestImages.PathOf("color.jpg"), folder.At("color.jpg"));

        CollectionAssert.AreEqual(Read(folder, "color.jpg"), Read(folder, "no-end.jpg"));
    }

    // Whatever the bytes, there is an image or an exception, and the process lives.
    [TestMethod]
    [DataRow("color.jpg")]
    [DataRow("progressive.jpg")]
    [DataRow("cmyk.jpg")]
    [DataRow("palette-alpha.png")]
    [DataRow("interlaced.png")]
    [DataRow("palette.bmp")]
    [DataRow("two-colors.bmp")]
    public void Damaged_bytes_give_an_image_or_an_exception(string name)
    {
        var whole = File.ReadAllBytes(TestImages.PathOf(name));
        var random = new Random(17);
        for (var trial = 0; trial < 300; trial++)
        {
            var damaged = whole.ToArray();
            for (var hit = 0; hit < 1 + trial % 5; hit++)
                damaged[random.Next(2, damaged.Length)] = (byte)random.Next(256);

            try
            {
                using var image = MLImage.CreateFromStream(new MemoryStream(damaged));
                Assert.AreEqual((long)image.Width * image.Height * 4, image.Pixels.Length);
            }
            catch (ArgumentException exception)
            {
                StringAssert.StartsWith(exception.Message, "Invalid input stream contents");
            }
        }
    }

    // Through a prediction engine errors arrive as they are; a cursor over vectors reads ahead on other threads and wraps
    // what goes wrong there.
    private PredictionEngine<PathRow, PixelsRow> CreateEngine(TempFolder folder)
    {
        var data = ImageRows.OfPaths(_mlContext, "any.jpg");
        var model = _mlContext.Transforms.LoadImages("Image", folder.Path, "Path")
            .Append(_mlContext.Transforms.ResizeImages("Image", 8, 8))
            .Append(_mlContext.Transforms.ExtractPixels("Pixels", "Image"))
            .Fit(data);
        return _mlContext.Model.CreatePredictionEngine<PathRow, PixelsRow>(model);
    }

    private float[] Read(TempFolder folder, string name)
    {
        using var engine = CreateEngine(folder);
        return engine.Predict(new PathRow { Path = name }).Pixels;
    }

    private void AssertOtherRowsAreReadable(TempFolder folder, string bad)
    {
        File.Copy(TestImages.PathOf("color.jpg"), folder.At("good.jpg"), overwrite: true);
        using var engine = CreateEngine(folder);
        var before = engine.Predict(new PathRow { Path = "good.jpg" }).Pixels.ToArray();

        Assert.ThrowsExactly<ArgumentException>(() => engine.Predict(new PathRow { Path = bad }));

        var after = engine.Predict(new PathRow { Path = "good.jpg" }).Pixels;
        Assert.IsTrue(before.Any(value => value > 0));
        CollectionAssert.AreEqual(before, after);
    }
}
