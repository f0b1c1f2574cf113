using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification.Tests;

/// <summary>What scoring does with images that cannot be scored: what the trainer's BadImages says, which the model keeps.</summary>
[TestClass]
public sealed class BadImagesInScoringTests
{
    private static readonly MLContext s_training = new(seed: 1);
    private static ImageClassificationTransformer s_skipping = null!;
    private static ImageClassificationTransformer s_failing = null!;
    private static byte[] s_saved = null!;

    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _warnings = [];

    public BadImagesInScoringTests() => _ml.Log += (_, e) =>
    {
        if (e.Kind == ChannelMessageKind.Warning)
            _warnings.Add(e.RawMessage);
    };

    [ClassInitialize]
    public static void Train(TestContext context)
    {
        var options = TinyImages.Options();
        s_failing = new TinyTrainer(options).Fit(s_training.Keyed(TinyImages.Floats(90)));
        options.BadImages = BadImagePolicy.Skip;
        s_skipping = new TinyTrainer(options).Fit(s_training.Keyed(TinyImages.Floats(90)));
        using var stream = new MemoryStream();
        s_training.Model.Save(s_skipping, null, stream);
        s_saved = stream.ToArray();
    }

    [ClassCleanup]
    public static void Free()
    {
        s_skipping.Dispose();
        s_failing.Dispose();
    }

    [TestMethod]
    [CpuCondition]
    public void Skipped_rows_get_missing_scores_and_the_others_their_own()
    {
        using var model = (IDisposable)Load();
        var images = TinyImages.Floats(200, first: 1000);
        foreach (int bad in new[] { 0, 15, 16, 100, 199 })
            images[bad].Features[3] = float.NaN;

        var predictions = Read(((ITransformer)model).Transform(_ml.Keyed(images)));

        var expected = Read(s_skipping.Transform(_ml.Keyed(TinyImages.Floats(200, first: 1000))));
        Assert.HasCount(200, predictions);
        for (int i = 0; i < 200; i++)
        {
            bool bad = i is 0 or 15 or 16 or 100 or 199;
            Assert.AreEqual(bad, predictions[i].Scores.All(float.IsNaN), $"row {i}");
            Assert.AreEqual(bad ? 0 : expected[i].PredictedLabel, predictions[i].PredictedLabel);
            if (!bad)
                CollectionAssert.AreEqual(expected[i].Scores, predictions[i].Scores);
        }
        Assert.ContainsSingle(
            warning => warning.StartsWith(
                "5 rows have missing scores because of a bad image. The image in column 'Features' of row 0 cannot be scored: " +
                "it has values that are not finite (NaN or infinity). The image in column 'Features' of row 15", StringComparison.Ordinal)
                && warning.EndsWith(" And so on.", StringComparison.Ordinal), _warnings);
    }

    [TestMethod]
    public void Evaluate_goes_on_without_the_skipped_rows()
    {
        using var model = (IDisposable)Load();
        var images = TinyImages.Floats(60, first: 1000);
        images[7].Features[3] = float.NaN;

        var metrics = _ml.MulticlassClassification.Evaluate(((ITransformer)model).Transform(_ml.Keyed(images)));

        Assert.AreEqual(1.0, metrics.MicroAccuracy);
        Assert.AreEqual(59.0, metrics.ConfusionMatrix.Counts.Sum(row => row.Sum()));
        Assert.Contains(warning => warning.StartsWith("1 row has missing scores because of a bad image. ", StringComparison.Ordinal), _warnings);
    }

    [TestMethod]
    public void An_image_without_pixels_is_a_bad_one()
    {
        using var model = (IDisposable)Load();
        var images = TinyImages.Floats(3);
        images[1].Features = [];

        var predictions = Read(((ITransformer)model).Transform(_ml.Keyed(images)));

        CollectionAssert.AreEqual(new[] { false, true, false }, predictions.Select(p => float.IsNaN(p.Scores[0])).ToArray());
        Assert.Contains("there is no image, its vector is empty", _warnings.Single());
    }

    [TestMethod]
    public void Rows_that_nobody_came_to_are_not_counted()
    {
        using var model = (IDisposable)Load();
        var images = TinyImages.Floats(30);
        images[10].Features[3] = float.NaN;

        Assert.HasCount(10, Read(_ml.Data.TakeRows(((ITransformer)model).Transform(_ml.Keyed(images)), 10)));

        Assert.IsEmpty(_warnings);
    }

    [TestMethod]
    public void A_prediction_engine_skips_with_a_warning_each()
    {
        using var engine = _ml.Model.CreatePredictionEngine<FloatImage, Prediction>(Load());
        var images = TinyImages.Floats(3, first: 1000);
        images[1].Features[3] = float.NaN;

        var predictions = images.Select(image => engine.Predict(image)).ToArray();

        Assert.IsTrue(predictions[0].IsRight() && predictions[2].IsRight());
        Assert.AreEqual(0u, predictions[1].PredictedLabel);
        Assert.IsTrue(predictions[1].Scores.All(float.IsNaN));
        Assert.ContainsSingle(warning => warning.StartsWith("1 row has missing scores", StringComparison.Ordinal), _warnings);
    }

    [TestMethod]
    public void A_file_that_is_no_image_is_named()
    {
        using var folder = new TempFolder();
        var data = Files(folder, bad: 5);

        // With the images among the columns ML.NET leaves the rows to one thread; its workers' errors tell no row.
        var scored = s_failing.Transform(data);
        using var cursor = scored.GetRowCursor(scored.Schema);
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() =>
        {
            while (cursor.MoveNext())
            {
            }
        });

        Assert.StartsWith($"The image in column 'Features' of row 5 ('{folder.At("5.png")}') cannot be scored: ", exception.Message);
        Assert.EndsWith(
            " Repair or remove it; a model trained with BadImages set to Skip gives such a row missing scores.", exception.Message);
        Assert.IsNotNull(exception.InnerException);
    }

    [TestMethod]
    public void Of_many_files_that_are_no_images_the_first_is_named_each_time()
    {
        using var folder = new TempFolder();
        var scored = s_failing.Transform(Files(folder, bad: 5, rows: 200));

        // ML.NET's workers meet several of them at the same time.
        for (int i = 0; i < 30; i++)
            Assert.StartsWith(
                $"The image in column 'Features' of row 5 ('{folder.At("5.png")}') cannot be scored: ",
                Assert.ThrowsExactly<InvalidOperationException>(() => scored.GetColumn<uint>("PredictedLabel").Count()).Message);
    }

    [TestMethod]
    public void A_file_that_is_no_image_is_skipped_with_all_its_columns()
    {
        using var folder = new TempFolder();
        using var model = (IDisposable)Load();
        var scored = ((ITransformer)model).Transform(Files(folder, bad: 5));

        var labels = new List<uint>();
        var lengths = new List<int>();
        using (var cursor = scored.GetRowCursor(scored.Schema))
        {
            var label = cursor.GetGetter<uint>(scored.Schema["PredictedLabel"]);
            var features = cursor.GetGetter<VBuffer<float>>(scored.Schema["Features"]);
            while (cursor.MoveNext())
            {
                uint key = 0;
                label(ref key);
                VBuffer<float> pixels = default;
                features(ref pixels);
                labels.Add(key);
                lengths.Add(pixels.Length);
            }
        }

        Assert.HasCount(12, labels);
        Assert.AreEqual(0u, labels[5]);
        Assert.AreEqual(1, labels.Count(key => key == 0));
        CollectionAssert.AreEqual(Enumerable.Range(0, 12).Select(i => i == 5 ? 0 : TinyImages.Size).ToArray(), lengths);
        Assert.Contains($"row 5 ('{folder.At("5.png")}') cannot be scored: ", _warnings.Single());
    }

    [TestMethod]
    public void A_file_that_is_no_image_is_skipped_where_the_workers_of_ML_NET_would_meet_it()
    {
        using var folder = new TempFolder();
        using var model = (IDisposable)Load();

        var predictions = Read(((ITransformer)model).Transform(Files(folder, bad: 5)));

        CollectionAssert.AreEqual(
            Enumerable.Range(0, 12).Select(i => i == 5).ToArray(), predictions.Select(p => float.IsNaN(p.Scores[0])).ToArray());
    }

    [TestMethod]
    public void A_model_of_the_first_format_fails()
    {
        using var model = (IDisposable)_ml.Model.Load(Path.Combine(AppContext.BaseDirectory, "Golden", "golden-v1.zip"), out _);
        var images = TinyImages.Floats(3);
        images[1].Features[3] = float.NaN;

        Assert.ThrowsExactly<InvalidOperationException>(() => Read(((ITransformer)model).Transform(_ml.Keyed(images))));
    }

    private ITransformer Load() => _ml.Model.Load(new MemoryStream(s_saved), out _);

    private IDataView Files(TempFolder folder, int bad, int rows = 12)
    {
        var files = Enumerable.Range(0, 12).Select(i => new ImageFile { Path = TinyImages.WriteImage(folder, i) }).ToArray();
        File.WriteAllText(files[bad].Path, "no image");
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, rows).Select(i => files[i % files.Length]));
        return _ml.Transforms.LoadImages("Image", "", "Path")
            .Append(_ml.Transforms.ResizeImages("Image", TinyImages.Side, TinyImages.Side))
            .Append(_ml.Transforms.ExtractPixels("Features", "Image", offsetImage: 127.5f, scaleImage: 1 / 127.5f))
            .Fit(data).Transform(data);
    }

    private Prediction[] Read(IDataView scored) =>
        [.. _ml.Data.CreateEnumerable<Prediction>(scored, reuseRowObject: false, ignoreMissingColumns: true)];

    private sealed class ImageFile
    {
        public string Path { get; set; } = "";
    }
}
