using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class GradCamTests
{
    private const int Rows = 40;
    private const int Plane = TinyImages.Side * TinyImages.Side;

    private static readonly MLContext s_ml = new(seed: 1);
    private static ImageClassificationTransformer s_model = null!;
    private static TransformerChain<ImageClassificationTransformer> s_named = null!;

    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _warnings = [];

    public GradCamTests() => _ml.Log += (_, e) =>
    {
        if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            _warnings.Add(e.RawMessage);
    };

    [ClassInitialize]
    public static void Train(TestContext context)
    {
        s_model = new TinyTrainer(TinyImages.Options()).Fit(s_ml.Keyed(TinyImages.Floats(90)));
        var options = TinyImages.Options();
        options.BadImages = BadImagePolicy.Skip;
        s_named = s_ml.Transforms.Conversion.MapValueToKey("Label", "ClassName").Append(new TinyTrainer(options))
            .Fit(s_ml.Keyed(TinyImages.Floats(90)));
    }

    [ClassCleanup]
    public static void Free()
    {
        s_model.Dispose();
        s_named.Dispose();
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow("1")]
    [DataRow("3")]
    public void The_heat_is_the_sum_of_the_maps_weighed_by_the_weights_of_the_class(string? className)
    {
        using var explainer = Explainer(s_model, className);
        var state = TinyByHand.StateOf(s_model);

        var rows = Read(explainer.Transform(s_model.Transform(Images())));

        Assert.HasCount(Rows, rows);
        foreach (var row in rows)
        {
            int shown = className is null ? (int)row.PredictedLabel - 1 : int.Parse(className) - 1;
            var expected = TinyByHand.Heat(state, Array.ConvertAll(TinyImages.Image((int)row.Id), b => b / 127.5 - 1), shown);
            for (int i = 0; i < Plane; i++)
                Assert.AreEqual(expected[i], row.Heat[i], 1e-4);
        }
        Assert.IsTrue(rows.Any(row => row.Heat.Max() == 1));
    }

    [TestMethod]
    public void Where_nothing_speaks_for_a_class_all_is_cold_and_maps_are_enlarged_bilinearly()
    {
        // Between the middles of two pixels a value goes straight from one to the other, and beyond the outer ones it stays.
        using var scope = TorchSharp.torch.NewDisposeScope();
        var small = TorchSharp.torch.tensor(new float[] { 0, 4, 0, 4, 0, 0, 0, 0 }, [2, 2, 2]);
        var large = ClassHeatMaps.Enlarge(small, 2, 4);
        CollectionAssert.AreEqual(
            new float[] { 0, 0.25f, 0.75f, 1, 0, 0.25f, 0.75f, 1, 0, 0, 0, 0, 0, 0, 0, 0 }, large.data<float>().ToArray());
    }

    [TestMethod]
    public void The_colors_go_from_blue_to_red_over_the_image()
    {
        var layout = new ImageLayout(new ImageShape(3, 1, 5), Interleaved: true, IsBytes: true);
        byte[] image = [.. Enumerable.Repeat<byte>(100, 15)];
        float[] heat = [0, 0.25f, 0.5f, 0.75f, 1];

        // Halves of 255 are rounded to 128.
        AssertPixels([0, 0, 128, 0, 128, 255, 128, 255, 128, 255, 128, 0, 128, 0, 0], HeatMapOverlay.Draw(image, layout, heat, opacity: 1));
        AssertPixels(image, HeatMapOverlay.Draw(image, layout, heat, opacity: 0));
        // 0.5 * 100 + 0.5 * 127.5 is 113.75.
        AssertPixels([50, 50, 114, 50, 114, 178, 114, 178, 114, 178, 114, 50, 114, 50, 50], HeatMapOverlay.Draw(image, layout, heat, opacity: 0.5));
    }

    [TestMethod]
    public void Floats_are_stretched_and_one_channel_is_grey()
    {
        var layout = new ImageLayout(new ImageShape(1, 1, 3), Interleaved: false, IsBytes: false);
        byte[] image = System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(new float[] { -2, 0, 2 }).ToArray();
        AssertPixels([0, 0, 0, 128, 128, 128, 255, 255, 255], HeatMapOverlay.Draw(image, layout, [0, 0, 0], opacity: 0));
    }

    [TestMethod]
    public void An_image_is_explained_the_same_alone_in_a_batch_in_an_engine_and_by_a_saved_transformer()
    {
        using var folder = new TempFolder();
        using var explainer = Explainer(s_model, "2");
        _ml.Model.Save(explainer, Images().Schema, folder.At("model.zip"));
        var loaded = new MLContext().Model.Load(folder.At("model.zip"), out _);
        using var engine = _ml.Model.CreatePredictionEngine<FloatImage, Row>(explainer, new PredictionEngineOptions { OwnsTransformer = false });

        var together = Read(explainer.Transform(Images()));
        var again = Read(loaded.Transform(Images()));
        ((IDisposable)loaded).Dispose();

        foreach (var image in TinyImages.Floats(4, first: 1000))
        {
            int i = (int)image.Id - 1000;
            CollectionAssert.AreEqual(together[i].Heat, again[i].Heat);
            CollectionAssert.AreEqual(together[i].Rgb, again[i].Rgb);
            var alone = engine.Predict(image);
            Assert.AreEqual((TinyImages.Side, TinyImages.Side), (alone.Explanation.Width, alone.Explanation.Height));
            for (int pixel = 0; pixel < Plane; pixel++)
                Assert.AreEqual(together[i].Heat[pixel], alone.Heat[pixel], 1e-5);
            byte[] pixels = Rgb(alone.Explanation);
            for (int at = 0; at < pixels.Length; at++)
                Assert.AreEqual(together[i].Rgb[at], pixels[at], 1.0);
        }
    }

    [TestMethod]
    public void Files_are_named_by_row_class_and_photo_and_a_bad_image_has_none()
    {
        using var folder = new TempFolder();
        var images = TinyImages.Floats(6);
        images[2].Features[0] = float.NaN;
        var data = _ml.Data.LoadFromEnumerable(images.Select(image => new Photo
        {
            ImagePath = $"/photos/{image.ClassName}/p{image.Id}.jpg",
            ClassName = image.ClassName,
            Features = image.Features,
        }));
        using var explainer = _ml.Transforms.GradCam("Explanation", s_named).Fit(data);

        var files = explainer.SaveImages(data, folder.At("new", "folder"));

        string[] expected = ["0001-red-p0.png", "0002-green-p1.png", "0004-red-p3.png", "0005-green-p4.png", "0006-blue-p5.png"];
        CollectionAssert.AreEqual(expected, files.Select(Path.GetFileName).ToArray());
        CollectionAssert.AreEquivalent(files.ToArray(), Directory.GetFiles(folder.At("new", "folder")));
        Assert.StartsWith("1 row has missing explanations because of a bad image. ", _warnings.Single());
        using var written = MLImage.CreateFromFile(files[0]);
        var drawn = explainer.Transform(data).GetColumn<MLImage>("Explanation").First();
        Assert.IsTrue(Rgb(drawn).SequenceEqual(Rgb(written)));
        drawn.Dispose();
    }

    [TestMethod]
    public void Of_a_given_class_the_files_have_its_name()
    {
        using var folder = new TempFolder();
        var data = _ml.Keyed(TinyImages.Floats(1));
        using var explainer = _ml.Transforms.GradCam("Explanation", s_named, new GradCamOptions { ClassName = "blue" }).Fit(data);
        Assert.AreEqual("0001-blue.png", Path.GetFileName(explainer.SaveImages(data, folder.Path).Single()));
    }

    [TestMethod]
    public void Nothing_is_left_when_it_is_disposed_and_it_says_so_when_used_further()
    {
        var images = Images();
        long before = LiveTensors.Count();
        var explainer = Explainer(s_model);
        var view = explainer.Transform(images);
        Read(view);
        explainer.Dispose();

        // A convolution, a batch norm of two and a linear layer of two.
        LiveTensors.AssertNoneLeft(before, networks: 1, parametersOfNetwork: 1 + 2 + 2);
        Assert.Contains(nameof(GradCamTransformer), Assert.ThrowsExactly<ObjectDisposedException>(() => Read(view)).Message);
    }

    [TestMethod]
    public void Options_and_models_that_do_not_fit_are_refused()
    {
        AssertSays("ClassName is 'pink', which is none of the model's 3 classes: red, green, blue.", s_named, new() { ClassName = "pink" });
        AssertSays("ClassName is '4', which is none of the model's 3 classes: 1, 2, 3.", s_model, new() { ClassName = "4" });
        AssertSays("Opacity is 1.5; it must be from 0 to 1.", s_model, new() { Opacity = 1.5 });
        AssertSays("HeatColumnName is 'Explanation', which is the name of another column;", s_model, new() { HeatColumnName = "Explanation" });
        AssertSays("HeatColumnName is 'Features', which is the name of another column;", s_model, new() { HeatColumnName = "Features" });
        AssertSays("The model has no network of this library in it;", _ml.Transforms.CopyColumns("Copy", "Id").Fit(Images()), new());
        Assert.Contains(
            "There is no column 'Features'", Assert.ThrowsExactly<InvalidOperationException>(
                () => _ml.Transforms.GradCam("Explanation", s_model).Fit(_ml.Transforms.DropColumns("Features").Fit(Images()).Transform(Images()))).Message);
    }

    private void AssertSays(string message, ITransformer model, GradCamOptions options) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => _ml.Transforms.GradCam("Explanation", model, options)).Message);

    private static void AssertPixels(byte[] expected, MLImage image)
    {
        using (image)
            CollectionAssert.AreEqual(expected, Rgb(image));
    }

    private static byte[] Rgb(MLImage image)
    {
        bool reversed = image.PixelFormat == MLPixelFormat.Bgra32;
        byte[] pixels = image.Pixels.ToArray();
        return [.. Enumerable.Range(0, pixels.Length / 4).SelectMany(
            i => reversed ? new[] { pixels[4 * i + 2], pixels[4 * i + 1], pixels[4 * i] } : pixels[(4 * i)..(4 * i + 3)])];
    }

    private GradCamTransformer Explainer(ITransformer model, string? className = null) =>
        _ml.Transforms.GradCam("Explanation", model, new GradCamOptions { ClassName = className, HeatColumnName = "Heat" }).Fit(Images());

    // An image is there until the next row is read.
    private Row[] Read(IDataView view) => [.. _ml.Data.CreateEnumerable<Row>(view, reuseRowObject: false, ignoreMissingColumns: true)
        .Select(row =>
        {
            row.Rgb = Rgb(row.Explanation);
            return row;
        })];

    private IDataView Images() => _ml.Keyed(TinyImages.Floats(Rows, first: 1000));

    private sealed class Row
    {
        public float Id { get; set; }

        public uint PredictedLabel { get; set; }

        public float[] Heat { get; set; } = [];

        [NoColumn]
        public byte[] Rgb { get; set; } = [];

        [ImageType(TinyImages.Side, TinyImages.Side)]
        public MLImage Explanation { get; set; } = null!;
    }

    private sealed class Photo
    {
        public string ImagePath { get; set; } = "";

        public string ClassName { get; set; } = "";

        [VectorType(3, TinyImages.Side, TinyImages.Side)]
        public float[] Features { get; set; } = [];
    }
}
