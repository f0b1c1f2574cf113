using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using SkiaSharp;

namespace MlNet.ImageClassification.Tests.Images;

/// <summary>LoadImageFiles as a part of ML.NET: columns, rows, cursors and model files.</summary>
[TestClass]
public sealed class LoadImageFilesTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void The_column_is_what_a_trainer_takes()
    {
        Assert.AreEqual("Vector<Byte, 20, 10, 3>", Schema(new())["Features"].Type.ToString());
        Assert.AreEqual("Vector<Single, 20, 10, 3>", Schema(new() { OutputAsFloats = true })["Features"].Type.ToString());
        var layout = ImageLayout.Infer("Features", Schema(new())["Features"].Type);
        Assert.AreEqual(new ImageLayout(new ImageShape(3, 20, 10), Interleaved: true, IsBytes: true), layout);

        DataViewSchema Schema(LoadImageFilesOptions options) => _ml.Load(_ml.Files("no such file"), "ImagePath", 10, 20, options).Schema;
    }

    [TestMethod]
    public void Paths_bytes_and_images_give_the_same_pixels()
    {
        using var folder = new TempFolder();
        var file = Picture(1);
        var path = folder.Write("sub/a.png", file);
        byte[] expected = _ml.LoadFile(file, 9, 7);

        CollectionAssert.AreEqual(expected, Pixels(_ml.Files(path), "ImagePath", new()));
        CollectionAssert.AreEqual(expected, Pixels(_ml.Files("a.png"), "ImagePath", new() { ImageFolder = folder.At("sub") }));
        CollectionAssert.AreEqual(expected, Pixels(_ml.Files(path), "ImagePath", new() { ImageFolder = "no such folder" }));
        using var image = MLImage.CreateFromFile(path);
        CollectionAssert.AreEqual(expected, Pixels(_ml.Data.LoadFromEnumerable([new ImageRow { Image = image }]), "Image", new()));
        var loaded = _ml.Transforms.LoadImages("Image", folder.Path, "ImagePath").Fit(_ml.Files("x")).Transform(_ml.Files("sub/a.png"));
        CollectionAssert.AreEqual(expected, Pixels(loaded, "Image", new()));

        byte[] Pixels(IDataView data, string column, LoadImageFilesOptions options) =>
            _ml.Load(data, column, 9, 7, options).GetColumn<byte[]>("Features").Single();
    }

    [TestMethod]
    public void Images_of_both_orders_of_colors_are_read()
    {
        byte[] pixel = [10, 20, 30, 255];
        foreach (var (format, expected) in new[] { (MLPixelFormat.Rgba32, new byte[] { 10, 20, 30 }), (MLPixelFormat.Bgra32, [30, 20, 10]) })
        {
            using var image = MLImage.CreateFromPixels(1, 5, format, Enumerable.Repeat(pixel, 5).SelectMany(p => p).ToArray());
            var loaded = _ml.Load(_ml.Data.LoadFromEnumerable([new ImageRow { Image = image }]), "Image", 1, 5);
            CollectionAssert.AreEqual(expected, loaded.GetColumn<byte[]>("Features").Single()[..3]);
        }
    }

    [TestMethod]
    public void Floats_are_the_bytes()
    {
        var floats = _ml.Load(_ml.Bytes(Picture(1)), "File", 9, 7, new() { OutputAsFloats = true }).GetColumn<float[]>("Features").Single();
        CollectionAssert.AreEqual(_ml.LoadFile(Picture(1), 9, 7).Select(value => (float)value).ToArray(), floats);
    }

    [TestMethod]
    public void The_column_may_take_the_place_of_its_input()
    {
        var transformer = _ml.Transforms.LoadImageFiles("File", 9, 7).Fit(_ml.Bytes());
        var result = transformer.Transform(_ml.Bytes(Picture(1)));
        Assert.AreEqual("Vector<Byte, 7, 9, 3>", result.Schema["File"].Type.ToString());
        CollectionAssert.AreEqual(_ml.LoadFile(Picture(1), 9, 7), result.GetColumn<byte[]>("File").Single());
    }

    [TestMethod]
    public void Every_prediction_of_an_engine_is_that_of_its_image()
    {
        using var folder = new TempFolder();
        var paths = Enumerable.Range(0, 2).Select(i => folder.Write($"{i}.png", Picture(i))).ToArray();
        var transformer = _ml.Transforms.LoadImageFiles("Features", 9, 7, "ImagePath").Fit(_ml.Files());
        using var engine = _ml.Model.CreatePredictionEngine<PathRow, Loaded>(transformer);

        foreach (int i in new[] { 0, 0, 1, 0, 1, 1 })
            CollectionAssert.AreEqual(_ml.LoadFile(Picture(i), 9, 7), engine.Predict(new PathRow { ImagePath = paths[i] }).Features);
        Assert.ThrowsExactly<InvalidDataException>(() => engine.Predict(new PathRow { ImagePath = folder.At("none") }));
        CollectionAssert.AreEqual(_ml.LoadFile(Picture(0), 9, 7), engine.Predict(new PathRow { ImagePath = paths[0] }).Features);

        using var ofBytes = _ml.Model.CreatePredictionEngine<FileRow, Loaded>(
            _ml.Transforms.LoadImageFiles("Features", 9, 7, "File").Fit(_ml.Bytes()));
        foreach (int i in new[] { 2, 3, 2 })
            CollectionAssert.AreEqual(_ml.LoadFile(Picture(i), 9, 7), ofBytes.Predict(new FileRow { File = Picture(i) }).Features);
    }

    [TestMethod]
    public void Several_cursors_share_the_rows_and_keep_their_order()
    {
        var expected = Enumerable.Range(0, 300).Select(i => _ml.LoadFile(Picture(i), 6, 6)).ToArray();
        var view = _ml.Load(_ml.Bytes([.. Enumerable.Range(0, 300).Select(Picture)]), "File", 6, 6);

        var cursors = view.GetRowCursorSet([view.Schema["Features"]], 3);
        Assert.HasCount(3, cursors);
        var read = new List<(long Batch, byte[] Pixels)>[3];
        var threads = cursors.Select((cursor, i) => new Thread(() => read[i] = Read(cursor, view.Schema["Features"]))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        var rows = read.SelectMany(part => part).OrderBy(row => row.Batch).ToArray();
        Assert.HasCount(300, rows);
        for (int i = 0; i < rows.Length; i++)
            CollectionAssert.AreEqual(expected[i], rows[i].Pixels, $"row {i}");
    }

    [TestMethod]
    public void A_caller_may_change_what_it_got()
    {
        var view = _ml.Load(_ml.Bytes(Picture(1)), "File", 9, 7);
        using var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<VBuffer<byte>>(view.Schema["Features"]);
        Assert.IsTrue(cursor.MoveNext());
        VBuffer<byte> pixels = default;
        getter(ref pixels);
        VBufferEditor.CreateFromBuffer(ref pixels).Values.Clear();
        getter(ref pixels);
        CollectionAssert.AreEqual(_ml.LoadFile(Picture(1), 9, 7), pixels.DenseValues().ToArray());
    }

    [TestMethod]
    public void A_saved_transformer_does_the_same_when_loaded()
    {
        using var folder = new TempFolder();
        folder.Write("a.png", ImageFiles.Png(20, 9, (x, _) => new SKColor((byte)(x * 9), 0, 0, (byte)(x * 12))));
        folder.Write("large.png", Picture(1));
        var options = new LoadImageFilesOptions
        {
            ImageFolder = folder.Path,
            Resizing = ImageResizingEstimator.ResizingKind.IsoPad,
            Background = System.Drawing.Color.Teal,
            PaddingColor = System.Drawing.Color.Gold,
            OutputAsFloats = true,
            BadImages = BadImagePolicy.Skip,
            MaximumPixels = 20 * 9,
            Interpolation = ImageInterpolation.Bicubic,
        };
        var data = _ml.Files("a.png", "large.png", "none.png");
        var transformer = _ml.Transforms.LoadImageFiles("Features", 9, 7, "ImagePath", options).Fit(data);

        _ml.Model.Save(transformer, data.Schema, folder.At("model.zip"));
        var loaded = new MLContext().Model.Load(folder.At("model.zip"), out _);

        var expected = transformer.Transform(data).GetColumn<float[]>("Features").ToArray();
        var actual = loaded.Transform(data).GetColumn<float[]>("Features").ToArray();
        Assert.AreEqual("189,0,0", string.Join(',', expected.Select(pixels => pixels.Length)));
        for (int i = 0; i < expected.Length; i++)
            CollectionAssert.AreEqual(expected[i], actual[i]);
    }

    [TestMethod]
    public void Options_changed_afterwards_change_nothing()
    {
        var options = new LoadImageFilesOptions();
        var estimator = _ml.Transforms.LoadImageFiles("Features", 9, 7, "File", options);
        options.OutputAsFloats = true;
        Assert.AreEqual("Vector<Byte, 7, 9, 3>", estimator.Fit(_ml.Bytes()).GetOutputSchema(_ml.Bytes().Schema)["Features"].Type.ToString());
    }

    [TestMethod]
    public void A_column_that_can_hold_no_images_is_refused_before_any_is_read()
    {
        Refused("Id", "Column 'Id' is Single; expected paths of image files (text), image files (a vector of Byte) or images.");
        Refused("Path", "There is no column 'Path' for the images; the columns are 'Id', 'ImagePath'.");

        void Refused(string column, string expected)
        {
            var data = _ml.Files("no such file");
            var estimator = _ml.Transforms.LoadImageFiles("Features", 9, 7, column);
            Assert.AreEqual(expected, Assert.ThrowsExactly<InvalidOperationException>(() => estimator.Fit(data)).Message);
            var chain = _ml.Transforms.CopyColumns("Id2", "Id").Append(estimator);
            Assert.AreEqual(
                expected.Replace("'ImagePath'.", "'ImagePath', 'Id2'."),
                Assert.ThrowsExactly<InvalidOperationException>(() => chain.GetOutputSchema(SchemaShapes.Of(data.Schema))).Message);
        }
    }

    [TestMethod]
    public void A_size_or_an_option_that_cannot_be_is_refused()
    {
        Refused("The image width is 0; it must be at least 1 pixel.", 0, 7, new());
        Refused("The image height is 4; it must be at least 5 pixels, as fewer rows would be taken for channels.", 9, 4, new());
        Refused("Images of 30000 x 30000 pixels are larger than a vector can be; use a smaller size.", 30_000, 30_000, new());
        Refused("Resizing is 9; it must be one of IsoPad, IsoCrop, Fill.", 9, 7, new() { Resizing = (ImageResizingEstimator.ResizingKind)9 });
        Refused("BadImages is 9; it must be one of Fail, Skip.", 9, 7, new() { BadImages = (BadImagePolicy)9 });
        Refused("Interpolation is 7; it must be one of Bilinear, Bicubic.", 9, 7, new() { Interpolation = (ImageInterpolation)7 });
        Refused("MaximumPixels is 0; it must be at least 1.", 9, 7, new() { MaximumPixels = 0 });

        void Refused(string expected, int width, int height, LoadImageFilesOptions options) => Assert.StartsWith(
            expected, Assert.Throws<ArgumentException>(() => _ml.Transforms.LoadImageFiles("Features", width, height, "File", options)).Message);
    }

    private static byte[] Picture(int seed) =>
        ImageFiles.Png(23 + seed % 5, 17, (x, y) => new SKColor((byte)(x * 7 + seed), (byte)(y * 11 + 3 * seed), (byte)(x * y + seed)));

    private static List<(long, byte[])> Read(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        using (cursor)
        {
            var rows = new List<(long, byte[])>();
            var getter = cursor.GetGetter<VBuffer<byte>>(column);
            VBuffer<byte> pixels = default;
            while (cursor.MoveNext())
            {
                getter(ref pixels);
                rows.Add((cursor.Batch, pixels.DenseValues().ToArray()));
            }
            return rows;
        }
    }

    private sealed class ImageRow
    {
        [ImageType(17, 24)]
        public MLImage Image { get; set; } = null!;
    }
}
