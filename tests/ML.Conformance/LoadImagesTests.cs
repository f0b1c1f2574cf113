using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace ML.Conformance;

[TestClass]
public sealed class LoadImagesTests
{
    private readonly MLContext _mlContext = new();

    private static string Folder => Path.GetDirectoryName(TestImages.PathOf("color.jpg"))!;

    [TestMethod]
    public void The_new_column_holds_images_of_any_size()
    {
        var data = ImageRows.OfPaths(_mlContext, "color.jpg");

        var estimator = _mlContext.Transforms.LoadImages("Image", Folder, "Path");

        var type = estimator.Fit(data).GetOutputSchema(data.Schema)["Image"].Type;
        Assert.AreEqual(new ImageDataViewType(), type);
        Assert.AreEqual("Image", type.ToString());
        Assert.AreEqual(0, ((ImageDataViewType)type).Height);
        Assert.AreEqual(0, ((ImageDataViewType)type).Width);
    }

    [TestMethod]
    public void Paths_are_relative_to_the_folder()
    {
        var data = ImageRows.OfPaths(_mlContext, "color.jpg", "one-pixel.png");
        var loaded = _mlContext.Transforms.LoadImages("Image", Folder, "Path").Fit(data).Transform(data);
        var sizes = new List<(int, int)>();
        var tags = new List<string>();

        ImageRows.ReadImages(loaded, "Image", image =>
        {
            sizes.Add((image.Width, image.Height));
            tags.Add(image.Tag);
        });

        CollectionAssert.AreEqual(new[] { (TestImages.Width, TestImages.Height), (1, 1) }, sizes);
        CollectionAssert.AreEqual(new[] { TestImages.PathOf("color.jpg"), TestImages.PathOf("one-pixel.png") }, tags);
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow("")]
    public void Without_a_folder_the_paths_stand_for_themselves(string? folder)
    {
        var data = ImageRows.OfPaths(_mlContext, TestImages.PathOf("color.png"));
        var loaded = _mlContext.Transforms.LoadImages("Image", folder, "Path").Fit(data).Transform(data);
        using var expected = MLImage.CreateFromFile(TestImages.PathOf("color.png"));
        var rows = 0;

        ImageRows.ReadImages(loaded, "Image", image =>
        {
            rows++;
            Assert.IsTrue(expected.Pixels.SequenceEqual(image.Pixels));
        });

        Assert.AreEqual(1, rows);
    }

    [TestMethod]
    public void An_image_may_take_the_place_of_its_path()
    {
        var data = ImageRows.OfPaths(_mlContext, "color.jpg");

        var loaded = _mlContext.Transforms.LoadImages("Path", Folder).Fit(data).Transform(data);

        Assert.AreEqual(new ImageDataViewType(), loaded.Schema["Path"].Type);
    }

    [TestMethod]
    public void An_image_lives_until_the_next_row_is_read()
    {
        var data = ImageRows.OfPaths(_mlContext, "color.jpg", "color.png");
        var loaded = _mlContext.Transforms.LoadImages("Image", Folder, "Path").Fit(data).Transform(data);
        var column = loaded.Schema["Image"];
        using var cursor = loaded.GetRowCursor([column]);
        var getter = cursor.GetGetter<MLImage>(column);
        MLImage image = null!;

        cursor.MoveNext();
        getter(ref image);
        var first = image;
        Assert.AreEqual(TestImages.Width, first.Width);
        cursor.MoveNext();
        getter(ref image);

        Assert.ThrowsExactly<InvalidOperationException>(() => first.Width);
        cursor.Dispose();
        Assert.ThrowsExactly<InvalidOperationException>(() => image.Width);
    }

    [TestMethod]
    public void A_row_without_a_path_has_no_image()
    {
        var data = ImageRows.OfPaths(_mlContext, "");
        var loaded = _mlContext.Transforms.LoadImages("Image", Folder, "Path").Fit(data).Transform(data);

        ImageRows.ReadImages(loaded, "Image", image => Assert.IsNull(image));
    }

    [TestMethod]
    public void A_folder_that_does_not_exist_is_refused_at_once()
    {
        var exception = Assert.ThrowsExactly<ArgumentException>(
            () => _mlContext.Transforms.LoadImages("Image", "no-such-folder", "Path"));

        Assert.AreEqual("Directory \"no-such-folder\" does not exist.", exception.Message);
    }

    [TestMethod]
    public void Only_text_columns_hold_paths()
    {
        var data = _mlContext.Data.LoadFromEnumerable([new PixelsRow()]);

        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _mlContext.Transforms.LoadImages("Image", Folder, "Pixels").Fit(data));

        StringAssert.StartsWith(
            exception.Message, "Schema mismatch for input column 'Pixels': expected String, got Vector<Single>");
    }

    [TestMethod]
    public void A_saved_model_loads_the_same_images()
    {
        var data = ImageRows.OfPaths(_mlContext, "alpha.png", "color.jpg");
        var model = _mlContext.Transforms.LoadImages("Image", Folder, "Path")
            .Append(_mlContext.Transforms.ResizeImages("Image", 5, 7))
            .Append(_mlContext.Transforms.ExtractPixels("Pixels", "Image", offsetImage: 100, scaleImage: 0.5f))
            .Fit(data);
        using var stream = new MemoryStream();

        _mlContext.Model.Save(model, data.Schema, stream);
        var loaded = new MLContext().Model.Load(stream, out _);

        var expected = ImageRows.ReadVectors<float>(model.Transform(data), "Pixels");
        var actual = ImageRows.ReadVectors<float>(loaded.Transform(data), "Pixels");
        Assert.HasCount(2, actual);
        CollectionAssert.AreEqual(expected[0], actual[0]);
        CollectionAssert.AreEqual(expected[1], actual[1]);
    }

    [TestMethod]
    public void Several_cursors_share_the_rows()
    {
        var names = Enumerable.Repeat(new[] { "color.jpg", "color.png", "gray.jpg", "cmyk.jpg" }, 50).SelectMany(n => n).ToArray();
        var data = ImageRows.OfPaths(_mlContext, names);
        var transformed = _mlContext.Transforms.LoadImages("Image", Folder, "Path")
            .Append(_mlContext.Transforms.ResizeImages("Image", 4, 4))
            .Append(_mlContext.Transforms.ExtractPixels("Pixels", "Image"))
            .Fit(data).Transform(data);
        var expected = ImageRows.ReadVectors<float>(transformed, "Pixels").Sum(row => row.Sum(value => (double)value));
        var column = transformed.Schema["Pixels"];

        var cursors = transformed.GetRowCursorSet([column], 2);
        var totals = cursors.AsParallel().WithDegreeOfParallelism(Math.Max(1, cursors.Length)).Select(cursor =>
        {
            using (cursor)
            {
                var getter = cursor.GetGetter<VBuffer<float>>(column);
                VBuffer<float> row = default;
                var (rows, sum) = (0, 0.0);
                for (; cursor.MoveNext(); rows++)
                {
                    getter(ref row);
                    sum += row.DenseValues().Sum(value => (double)value);
                }

                return (Rows: rows, Sum: sum);
            }
        }).ToList();

        Assert.AreEqual(names.Length, totals.Sum(total => total.Rows));
        Assert.AreEqual(expected, totals.Sum(total => total.Sum), 1e-6 * expected);
    }

    [TestMethod]
    public void A_prediction_engine_takes_a_path()
    {
        var data = ImageRows.OfPaths(_mlContext, "color.png");
        var model = _mlContext.Transforms.LoadImages("Image", Folder, "Path")
            .Append(_mlContext.Transforms.ResizeImages("Image", TestImages.Width, TestImages.Height))
            .Append(_mlContext.Transforms.ExtractPixels("Pixels", "Image"))
            .Fit(data);
        using var engine = _mlContext.Model.CreatePredictionEngine<PathRow, PixelsRow>(model);

        var pixels = engine.Predict(new PathRow { Path = "color.png" }).Pixels;

        var reds = TestImages.PixelsByPil("color.png").Where((_, i) => i % 4 == 0).Select(value => (float)value);
        CollectionAssert.AreEqual(reds.ToArray(), pixels[..(TestImages.Width * TestImages.Height)]);
    }
}
