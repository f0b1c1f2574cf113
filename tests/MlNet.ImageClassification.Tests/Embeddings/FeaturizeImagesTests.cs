using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class FeaturizeImagesTests
{
    // A whole block of 16, one of 64, and a rest.
    private const int Rows = 100;
    private const int FeatureCount = 8;

    private static readonly MLContext s_ml = new(seed: 1);
    private static ImageClassificationTransformer s_model = null!;

    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _warnings = [];

    public FeaturizeImagesTests() => _ml.Log += (_, e) =>
    {
        if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            _warnings.Add(e.RawMessage);
    };

    [ClassInitialize]
    public static void Train(TestContext context) => s_model = new TinyTrainer(TinyImages.Options()).Fit(s_ml.Keyed(TinyImages.Floats(90)));

    [ClassCleanup]
    public static void Free() => s_model.Dispose();

    [TestMethod]
    public void The_features_are_the_averages_of_the_last_maps_and_the_classifier_makes_the_scores_of_them()
    {
        using var featurizer = _ml.Transforms.FeaturizeImages("Embedding", s_model).Fit(Images());
        var state = TinyByHand.StateOf(s_model);

        var rows = Read(featurizer.Transform(s_model.Transform(Images())));

        Assert.AreEqual(FeatureCount, featurizer.FeatureCount);
        Assert.AreEqual(("tiny8", "Features", "Embedding"), (featurizer.Architecture, featurizer.InputColumnName, featurizer.OutputColumnName));
        Assert.HasCount(Rows, rows);
        foreach (var row in rows)
        {
            AssertClose(TinyByHand.Features(state, Array.ConvertAll(TinyImages.Image((int)row.Id), b => b / 127.5 - 1)), row.Embedding, 1e-5);
            double[] logits = TinyByHand.Logits(state, Array.ConvertAll(row.Embedding, value => (double)value));
            double total = logits.Sum(Math.Exp);
            AssertClose([.. logits.Select(logit => Math.Exp(logit) / total)], row.Score, 1e-5);
        }
    }

    [TestMethod]
    public void An_image_has_the_same_features_alone_in_a_batch_and_in_a_prediction_engine()
    {
        using var featurizer = _ml.Transforms.FeaturizeImages("Embedding", s_model).Fit(Images());
        var together = Read(featurizer.Transform(Images()));
        using var engine = _ml.Model.CreatePredictionEngine<FloatImage, Row>(
            featurizer, new PredictionEngineOptions { OwnsTransformer = false });
        foreach (var image in TinyImages.Floats(5, first: 1000))
        {
            var alone = Read(featurizer.Transform(_ml.Keyed([image]))).Single();
            AssertClose(Array.ConvertAll(together[(int)image.Id - 1000].Embedding, value => (double)value), alone.Embedding, 1e-6);
            CollectionAssert.AreEqual(alone.Embedding, engine.Predict(image).Embedding);
        }
    }

    [TestMethod]
    public void A_trainer_of_ML_NET_learns_from_them_and_the_whole_comes_back_from_its_file()
    {
        using var folder = new TempFolder();
        var training = _ml.Keyed(TinyImages.Floats(60));
        var pipeline = _ml.Transforms.FeaturizeImages("Embedding", s_model)
            .AppendCacheCheckpoint(_ml)
            .Append(_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(featureColumnName: "Embedding"));
        using var chain = pipeline.Fit(training);
        _ml.Model.Save(chain, training.Schema, folder.At("model.zip"));

        var loaded = new MLContext().Model.Load(folder.At("model.zip"), out _);

        var expected = Read(chain.Transform(Images()));
        var actual = Read(loaded.Transform(Images()));
        ((IDisposable)loaded).Dispose();
        Assert.AreEqual(1, _ml.MulticlassClassification.Evaluate(chain.Transform(Images())).MicroAccuracy);
        for (int i = 0; i < Rows; i++)
        {
            CollectionAssert.AreEqual(expected[i].Embedding, actual[i].Embedding);
            CollectionAssert.AreEqual(expected[i].Score, actual[i].Score);
        }
    }

    [TestMethod]
    public void The_model_that_gave_the_weights_may_be_a_loaded_pipeline_and_may_be_disposed()
    {
        using var folder = new TempFolder();
        _ml.Model.Save(_ml.Transforms.CopyColumns("Copy", "Id").Fit(Images()).Append(s_model), Images().Schema, folder.At("model.zip"));
        var pipeline = _ml.Model.Load(folder.At("model.zip"), out _);
        var estimator = _ml.Transforms.FeaturizeImages("Embedding", pipeline);
        ((IDisposable)pipeline).Dispose();
        using var fromLoaded = estimator.Fit(Images());
        using var fromFitted = _ml.Transforms.FeaturizeImages("Embedding", s_model).Fit(Images());

        foreach (var (loaded, fitted) in Read(fromLoaded.Transform(Images())).Zip(Read(fromFitted.Transform(Images()))))
            CollectionAssert.AreEqual(fitted.Embedding, loaded.Embedding);
    }

    [TestMethod]
    [DataRow(false, DisplayName = "as they are normalized with the weights")]
    [DataRow(true, DisplayName = "by figures of one's own")]
    public void Published_weights_featurize_bytes(bool ownNormalization)
    {
        var normalization = ownNormalization ? new ChannelNormalization([100, 90, 80], [50, 60, 70]) : TinyPublished.Normalization;
        var options = TinyPublished.Options();
        options.Normalization = ownNormalization ? normalization : null;
        var bytes = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new ByteImage { Features = TinyImages.Image(i) }));

        using var featurizer = _ml.Transforms.FeaturizeImages("Embedding", TinyPublished.Weights(), "Features", options).Fit(bytes);
        float[][] features = [.. featurizer.Transform(bytes).GetColumn<float[]>("Embedding")];

        var weights = TinyWeights.Values();
        for (int i = 0; i < 20; i++)
        {
            double[] image = [.. TinyImages.Image(i).Select((value, at) => (value - (double)normalization.Mean[at / 64]) / normalization.Deviation[at / 64])];
            double[] expected = TinyByHand.Features(name => weights[name], image);
            AssertClose(expected, features[i], 1e-5 * expected.Max());
        }
    }

    [TestMethod]
    public void Files_are_featurized_into_the_column_they_were_loaded_to_also_by_a_saved_pipeline()
    {
        using var folder = new TempFolder();
        var files = _ml.Data.LoadFromEnumerable(new[] { 3, 4 }.Select(i => new File { ImagePath = TinyImages.WriteImage(folder, i) }));
        var pipeline = _ml.Transforms.LoadImageFiles("Features", TinyImages.Side, TinyImages.Side, "ImagePath")
            .Append(_ml.Transforms.FeaturizeImages("Features", TinyPublished.Weights(), options: TinyPublished.Options()));
        using var fitted = pipeline.Fit(files);
        var bytes = _ml.Data.LoadFromEnumerable(new[] { 3, 4 }.Select(i => new ByteImage { Features = TinyImages.Image(i) }));
        using var planar = _ml.Transforms.FeaturizeImages("Features", TinyPublished.Weights(), options: TinyPublished.Options()).Fit(bytes);

        float[][] expected = [.. planar.Transform(bytes).GetColumn<float[]>("Features")];
        float[][] actual = [.. fitted.Transform(files).GetColumn<float[]>("Features")];
        _ml.Model.Save(fitted, files.Schema, folder.At("model.zip"));
        var loaded = new MLContext().Model.Load(folder.At("model.zip"), out _);
        float[][] again = [.. loaded.Transform(files).GetColumn<float[]>("Features")];
        ((IDisposable)loaded).Dispose();
        for (int i = 0; i < 2; i++)
        {
            AssertClose(Array.ConvertAll(expected[i], value => (double)value), actual[i], 1e-4);
            CollectionAssert.AreEqual(actual[i], again[i]);
        }
    }

    [TestMethod]
    public void A_row_with_a_bad_image_has_missing_features_where_bad_images_are_skipped()
    {
        var images = TinyImages.Floats(20);
        images[7].Features[3] = float.NaN;
        var data = _ml.Keyed(images);
        var options = TinyPublished.Options();
        using var strict = _ml.Transforms.FeaturizeImages("Embedding", TinyPublished.Weights(), "Features", options).Fit(data);
        Assert.AreEqual(
            "The image in column 'Features' of row 7 cannot be scored: it has values that are not finite (NaN or infinity). Repair or " +
            "remove it; FeaturizeImages, or a model trained, with BadImages set to Skip gives such a row missing features.",
            Assert.ThrowsExactly<InvalidOperationException>(() => Read(strict.Transform(data))).Message);

        options.BadImages = BadImagePolicy.Skip;
        using var lenient = _ml.Transforms.FeaturizeImages("Embedding", TinyPublished.Weights(), "Features", options).Fit(data);
        var rows = Read(lenient.Transform(data));

        for (int i = 0; i < 20; i++)
            Assert.AreEqual(i == 7, rows[i].Embedding.All(float.IsNaN));
        Assert.StartsWith("1 row has missing features because of a bad image. ", _warnings.Single());
    }

    [TestMethod]
    public void Nothing_is_left_when_it_is_disposed_and_it_says_so_when_used_further()
    {
        var images = Images();
        long before = LiveTensors.Count();
        var featurizer = _ml.Transforms.FeaturizeImages("Embedding", s_model).Fit(images);
        var view = featurizer.Transform(images);
        Read(view);
        featurizer.Dispose();

        // A convolution, a batch norm of two and a linear layer of two.
        LiveTensors.AssertNoneLeft(before, networks: 1, parametersOfNetwork: 1 + 2 + 2);
        var exception = Assert.ThrowsExactly<ObjectDisposedException>(() => Read(view));
        Assert.Contains(nameof(FeaturizeImagesTransformer), exception.Message);
    }

    [TestMethod]
    public void Models_and_columns_that_do_not_fit_are_refused()
    {
        var images = Images();
        var none = _ml.Transforms.CopyColumns("Copy", "Id").Fit(images);
        AssertSays<ArgumentException>("The model has no network of this library in it;", () => _ml.Transforms.FeaturizeImages("Embedding", none));
        AssertSays<ArgumentException>(
            "The model has 2 networks of this library in it;",
            () => _ml.Transforms.FeaturizeImages("Embedding", new TransformerChain<ITransformer>(none, s_model, s_model)));
        AssertSays<ArgumentException>("The value cannot be an empty string", () => _ml.Transforms.FeaturizeImages(" ", s_model));

        var estimator = _ml.Transforms.FeaturizeImages("Embedding", s_model);
        AssertSays<InvalidOperationException>(
            "There is no column 'Features'", () => estimator.Fit(_ml.Transforms.DropColumns("Features").Fit(images).Transform(images)));
        AssertSays<InvalidOperationException>(
            "Column 'Features' is Vector<Byte, 3, 8, 8>, but the network was trained on Vector<Single, 3, 8, 8>.",
            () => estimator.Fit(_ml.Data.LoadFromEnumerable(new[] { new ByteImage() })));

        var published = _ml.Transforms.FeaturizeImages("Id", TinyPublished.Weights());
        AssertSays<InvalidOperationException>("Column 'Id' is Single; expected a vector", () => published.Fit(images));
        var options = TinyPublished.Options();
        options.Normalization = new ChannelNormalization([1], [1]);
        AssertSays<InvalidOperationException>(
            "Normalization has 1 channels, but the images in column 'Features' have 3.",
            () => _ml.Transforms.FeaturizeImages("Embedding", TinyPublished.Weights(), "Features", options).Fit(images));
        AssertSays<ArgumentException>(
            "Precision is 9; it must be one of ",
            () => _ml.Transforms.FeaturizeImages("Embedding", TinyPublished.Weights(), "Features", new() { Precision = (ComputePrecision)9 }));
    }

    [TestMethod]
    public void The_schema_is_known_before_anything_is_fitted()
    {
        var pipeline = _ml.Transforms.FeaturizeImages("Embedding", s_model)
            .Append(_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(featureColumnName: "Embedding"));
        using var chain = pipeline.Fit(_ml.Keyed(TinyImages.Floats(9)));
        Assert.AreEqual("Vector<Single, 8>", chain.GetOutputSchema(Images().Schema)["Embedding"].Type.ToString());
    }

    private static void AssertSays<T>(string message, Action action)
        where T : Exception => Assert.Contains(message, Assert.Throws<T>(action).Message);

    private static void AssertClose(double[] expected, float[] actual, double tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], tolerance);
    }

    private Row[] Read(IDataView view) => [.. _ml.Data.CreateEnumerable<Row>(view, reuseRowObject: false, ignoreMissingColumns: true)];

    private IDataView Images() => _ml.Keyed(TinyImages.Floats(Rows, first: 1000));

    private sealed class Row
    {
        public float Id { get; set; }

        public float[] Embedding { get; set; } = [];

        public float[] Score { get; set; } = [];
    }

    private sealed class File
    {
        public string ImagePath { get; set; } = "";
    }

    private sealed class ByteImage
    {
        [VectorType(3, TinyImages.Side, TinyImages.Side)]
        public byte[] Features { get; set; } = [];
    }
}
