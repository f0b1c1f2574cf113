using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class ScoringTests
{
    // Enough rows for blocks of 16, 64, 128, a block that is used again, and a rest.
    private const int Rows = 350;

    private static readonly MLContext s_ml = new(seed: 1);
    private static ImageClassificationTransformer s_model = null!;
    private static float[][] s_scores = null!;

    [ClassInitialize]
    public static void Train(TestContext context)
    {
        s_model = new TinyTrainer(TinyImages.Options()).Fit(s_ml.Keyed(TinyImages.Floats(90)));
        s_scores = [.. Predict(Images()).Select(p => p.Scores)];
    }

    [ClassCleanup]
    public static void Free() => s_model.Dispose();

    [TestMethod]
    public void A_prediction_engine_gives_the_scores_of_a_batch()
    {
        using var engine = Engine();
        var images = TinyImages.Floats(Rows, first: 1000);
        for (int i = 0; i < Rows; i++)
            AssertScores(engine.Predict(images[i]), i);
    }

    [TestMethod]
    public void Row_by_row_mapping_gives_the_scores_of_a_batch()
    {
        var images = Images();
        var mapper = ((ITransformer)s_model).GetRowToRowMapper(images.Schema);
        var score = mapper.OutputSchema["Score"];
        using var cursor = images.GetRowCursor(mapper.GetDependencies([score]));
        using var row = mapper.GetRow(cursor, [score]);
        var getter = row.GetGetter<VBuffer<float>>(score);
        VBuffer<float> value = default;
        for (int i = 0; cursor.MoveNext(); i++)
        {
            getter(ref value);
            CollectionAssert.AreEqual(s_scores[i], value.DenseValues().ToArray(), new Tolerance());
        }
    }

    [TestMethod]
    public void Shuffled_rows_keep_their_scores() => AssertScoresById(s_ml.Data.ShuffleRows(Images()), Rows);

    [TestMethod]
    public void Cached_rows_keep_their_scores() => AssertScoresById(s_ml.Data.Cache(Images()), Rows);

    [TestMethod]
    public void Taken_rows_keep_their_scores() => AssertScoresById(s_ml.Data.TakeRows(Images(), 11), 11);

    [TestMethod]
    public void Rows_that_name_files_are_scored_in_the_order_of_the_data()
    {
        using var folder = new TempFolder();
        string[] files = [.. Enumerable.Range(1000, 9).Select(i => TinyImages.WriteImage(folder, i))];
        var data = s_ml.Data.LoadFromEnumerable(Enumerable.Range(0, Rows).Select(i => new FileRow { Id = i, Path = files[i * i % 9] }));
        var loaded = s_ml.Transforms.LoadImages("Image", "", "Path")
            .Append(s_ml.Transforms.ResizeImages("Image", TinyImages.Side, TinyImages.Side))
            .Append(s_ml.Transforms.ExtractPixels("Pixels", "Image", offsetImage: 127.5f, scaleImage: 1 / 127.5f))
            .Append(s_ml.Transforms.NormalizeChannels("Features", "Pixels", [0, 0, 0], [1, 1, 1]))
            .Fit(data).Transform(data);

        var predictions = Predict(loaded);

        CollectionAssert.AreEqual(Enumerable.Range(0, Rows).Select(i => (float)i).ToArray(), predictions.Select(p => p.Id).ToArray());
        foreach (var prediction in predictions)
            AssertScores(prediction, (int)prediction.Id * (int)prediction.Id % 9);
    }

    [TestMethod]
    public void Scored_rows_can_be_shuffled_and_cached()
    {
        var scored = s_model.Transform(Images());
        AssertById(Read(s_ml.Data.ShuffleRows(scored, seed: 3)), Rows);
        AssertById(Read(s_ml.Data.Cache(scored)), Rows);
        AssertById(Read(s_ml.Data.TakeRows(scored, 3)), 3);
    }

    [TestMethod]
    public void Four_parallel_readers_see_every_row_once()
    {
        // A cached view deals its rows out to several cursors.
        var scored = s_model.Transform(s_ml.Data.Cache(Images()));
        var cursors = scored.GetRowCursorSet([scored.Schema["Id"], scored.Schema["Score"]], 4);
        var seen = new Prediction[Rows];
        Parallel.ForEach(cursors, new ParallelOptions { MaxDegreeOfParallelism = 4 }, cursor =>
        {
            using (cursor)
            {
                var id = cursor.GetGetter<float>(scored.Schema["Id"]);
                var score = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
                while (cursor.MoveNext())
                {
                    var prediction = new Prediction();
                    float value = 0;
                    id(ref value);
                    VBuffer<float> scores = default;
                    score(ref scores);
                    prediction.Id = value;
                    prediction.Scores = [.. scores.DenseValues()];
                    Assert.IsNull(Interlocked.Exchange(ref seen[(int)value - 1000], prediction));
                }
            }
        });
        AssertById(seen, Rows);
    }

    [TestMethod]
    public void Engines_of_several_threads_agree() => Parallel.For(0, 4, _ =>
    {
        using var engine = Engine();
        var images = TinyImages.Floats(10, first: 1000);
        for (int i = 0; i < images.Length; i++)
            AssertScores(engine.Predict(images[i]), i);
    });

    [TestMethod]
    public void Eight_threads_that_transform_with_one_model_agree()
    {
        float[][][] scores = new float[8][][];
        var threads = Enumerable.Range(0, 8).Select(i => new Thread(() => scores[i] = [.. Predict(Images()).Select(p => p.Scores)])).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();

        foreach (float[][] ofThread in scores)
            for (int i = 0; i < Rows; i++)
                CollectionAssert.AreEqual(s_scores[i], ofThread[i]);
    }

    [TestMethod]
    public void Columns_of_every_type_pass_through()
    {
        var rows = Enumerable.Range(0, 20).Select(i => new WideRow
        {
            Features = TinyImages.Floats(1, i)[0].Features,
            Name = $"row {i}",
            Number = i * 1_000_000_000L,
            Flag = i % 3 == 0,
            Words = [$"a{i}", $"b{i}"],
            Picture = TinyImages.ToMLImage(TinyImages.Image(i)),
        }).ToArray();

        var read = s_ml.Data.CreateEnumerable<WideRow>(
            s_model.Transform(s_ml.Data.LoadFromEnumerable(rows)), reuseRowObject: false).ToArray();

        Assert.HasCount(20, read);
        for (int i = 0; i < 20; i++)
        {
            Assert.AreEqual($"row {i}", read[i].Name);
            Assert.AreEqual(i * 1_000_000_000L, read[i].Number);
            Assert.AreEqual(i % 3 == 0, read[i].Flag);
            CollectionAssert.AreEqual(new[] { $"a{i}", $"b{i}" }, read[i].Words);
            CollectionAssert.AreEqual(rows[i].Features, read[i].Features);
            Assert.IsTrue(rows[i].Picture.Pixels.SequenceEqual(read[i].Picture.Pixels));
        }
    }

    [TestMethod]
    public void Row_ids_pass_through()
    {
        var images = Images();
        var scored = s_model.Transform(images);
        using var before = images.GetRowCursor(images.Schema);
        using var after = scored.GetRowCursor(scored.Schema);
        var (beforeId, afterId) = (before.GetIdGetter(), after.GetIdGetter());
        while (before.MoveNext())
        {
            Assert.IsTrue(after.MoveNext());
            DataViewRowId expected = default, actual = default;
            beforeId(ref expected);
            afterId(ref actual);
            Assert.AreEqual(expected, actual);
            Assert.AreEqual(before.Position, after.Position);
        }
        Assert.IsFalse(after.MoveNext());
    }

    [TestMethod]
    public void Without_the_scores_nothing_is_computed()
    {
        var model = new TinyTrainer(TinyImages.Options()).Fit(s_ml.Keyed(TinyImages.Floats(9)));
        var scored = model.Transform(Images());
        model.Dispose();

        Assert.HasCount(Rows, scored.GetColumn<float>("Id").ToArray());
        var exception = Assert.Throws<ObjectDisposedException>(() => scored.GetColumn<float[]>("Score").ToArray());
        Assert.AreEqual(typeof(ImageClassificationTransformer).FullName, exception.ObjectName);
    }

    [TestMethod]
    public void A_reader_that_stops_early_leaves_nothing_behind()
    {
        long before = LiveTensors.Count();
        var scored = s_model.Transform(Images());
        using (var cursor = scored.GetRowCursor([scored.Schema["Score"]]))
            Assert.IsTrue(cursor.MoveNext());
        Assert.AreEqual(before, TorchSharp.torch.Tensor.TotalCount);
    }

    [TestMethod]
    public void An_inactive_column_or_another_type_is_refused()
    {
        var scored = s_model.Transform(Images());
        using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);

        Assert.AreEqual(
            "Column 'Id' is not active; name it when the cursor is asked for.",
            Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<float>(scored.Schema["Id"])).Message);
        Assert.StartsWith(
            "Column 'Score' is of type ",
            Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<float>(scored.Schema["Score"])).Message);
    }

    [TestMethod]
    public void A_bad_pixel_fails_by_row()
    {
        var images = TinyImages.Floats(30);
        images[21].Features[3] = float.NaN;
        const string message = "The image in column 'Features' of row 21 cannot be scored: it has values that are not finite " +
            "(NaN or infinity). Repair or remove it; a model trained with BadImages set to Skip gives such a row missing scores.";

        var batch = Assert.ThrowsExactly<InvalidOperationException>(() => Predict(s_ml.Keyed(images)));
        Assert.AreEqual(message, batch.Message);

        using var engine = Engine();
        var single = Assert.Throws<Exception>(() => engine.Predict(images[21]));
        Assert.Contains("cannot be scored: it has values that are not finite", single.Message);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(16)]
    [DataRow(300)]
    public void The_rows_before_a_bad_one_are_served(int bad)
    {
        long before = LiveTensors.Count();
        var images = TinyImages.Floats(Rows, first: 1000);
        images[bad].Features[3] = float.NaN;
        var scored = s_model.Transform(s_ml.Keyed(images));
        using var cursor = scored.GetRowCursor(scored.Schema);
        var score = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        VBuffer<float> value = default;
        for (int i = 0; i < bad; i++)
        {
            Assert.IsTrue(cursor.MoveNext());
            Assert.AreEqual(i, cursor.Position);
            score(ref value);
            CollectionAssert.AreEqual(s_scores[i], value.DenseValues().ToArray(), new Tolerance());
        }

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => cursor.MoveNext());

        Assert.StartsWith($"The image in column 'Features' of row {bad} cannot be scored", exception.Message);
        Assert.IsFalse(cursor.MoveNext());
        Assert.AreEqual(before, TorchSharp.torch.Tensor.TotalCount);
    }

    [TestMethod]
    public void A_reader_of_few_rows_reads_few_ahead()
    {
        int read = 0;
        var images = TinyImages.Floats(10_000).Select(image =>
        {
            Interlocked.Increment(ref read);
            return image;
        });

        Assert.HasCount(3, Read(s_ml.Data.TakeRows(s_model.Transform(s_ml.Keyed(images)), 3)));

        // The first three blocks, and the row that would begin the fourth.
        Assert.IsLessThanOrEqualTo(16 + 64 + 128 + 1, read);
    }

    [TestMethod]
    public void Images_of_another_size_are_refused()
    {
        var exception = Assert.ThrowsExactly<InvalidOperationException>(
            () => s_model.Transform(s_ml.Data.LoadFromEnumerable(new[] { new SmallImage() })));

        Assert.AreEqual(
            "Column 'Features' is Vector<Single, 3, 4, 4>, but the network was trained on Vector<Single, 3, 8, 8>. Give it images " +
            "of the same size and value type; for a property of your own class use [VectorType(3, 8, 8)].", exception.Message);
    }

    [TestMethod]
    public void Bytes_are_refused_where_floats_were_trained_on()
    {
        var exception = Assert.ThrowsExactly<InvalidOperationException>(
            () => s_model.Transform(s_ml.Data.LoadFromEnumerable(new[] { new ByteImage() })));

        Assert.StartsWith("Column 'Features' is Vector<Byte, 3, 8, 8>, but the network was trained on", exception.Message);
    }

    [TestMethod]
    public void A_flat_vector_of_the_right_length_is_scored()
    {
        var images = TinyImages.Floats(5, first: 1000).Select(i => new FlatImage { Id = i.Id, Features = i.Features });
        var predictions = Predict(s_ml.Data.LoadFromEnumerable(images));
        for (int i = 0; i < 5; i++)
            AssertScores(predictions[i], i);
    }

    [TestMethod]
    public void Bytes_go_to_the_network_as_bytes()
    {
        using var batch = new ImageBatch(new ImageLayout(new ImageShape(3, 4, 5), Interleaved: true, IsBytes: true), 2, pinned: false);
        Assert.AreEqual(60, batch.Image(1).Length);
        batch.Image(0).Clear();
        batch.Image(0)[3 * 7 + 2] = 200;

        using var scope = TorchSharp.torch.NewDisposeScope();
        var images = batch.To(TorchSharp.torch.CPU, 1);

        Assert.AreEqual(TorchSharp.torch.ScalarType.Byte, images.dtype);
        CollectionAssert.AreEqual(new long[] { 1, 3, 4, 5 }, images.shape);
        Assert.AreEqual((byte)200, images[0, 2, 1, 2].item<byte>());
    }

    [TestMethod]
    public void Bytes_and_images_give_the_same_scores_in_a_batch_and_alone_however_they_lie()
    {
        var rows = Enumerable.Range(0, 40).Select(i => new ByteRow
        {
            Label = (uint)(i % 3),
            Planar = TinyImages.Image(i),
            Interleaved = TinyImages.Interleaved(TinyImages.Image(i)),
            Picture = TinyImages.ToMLImage(TinyImages.Image(i)),
        }).ToArray();
        var options = TinyImages.Options();
        options.FeatureColumnName = "Planar";
        var data = s_ml.Data.LoadFromEnumerable(rows);
        using var model = new TinyTrainer(options).Fit(data);
        float[][] expected = Scores(model);

        foreach (string column in new[] { "Interleaved", "Picture" })
        {
            var other = new ImageClassificationTransformer(
                model.Definition with { FeatureColumnName = column }, model.Weights,
                new ComputeTarget(TorchSharp.torch.CPU, TorchSharp.torch.ScalarType.Float32), environment: null);
            float[][] scores = Scores(other);
            using var engine = s_ml.Model.CreatePredictionEngine<ByteRow, Prediction>(other);
            for (int i = 0; i < rows.Length; i++)
            {
                CollectionAssert.AreEqual(expected[i], scores[i], new Tolerance());
                CollectionAssert.AreEqual(expected[i], engine.Predict(rows[i]).Scores, new Tolerance());
            }
        }

        float[][] Scores(ImageClassificationTransformer by) => [.. by.Transform(data).GetColumn<float[]>("Score")];
    }

    private static IDataView Images() => s_ml.Keyed(TinyImages.Floats(Rows, first: 1000));

    private static Prediction[] Predict(IDataView images) => Read(s_model.Transform(images));

    private static Prediction[] Read(IDataView scored) =>
        [.. s_ml.Data.CreateEnumerable<Prediction>(scored, reuseRowObject: false)];

    private static PredictionEngine<FloatImage, Prediction> Engine() =>
        s_ml.Model.CreatePredictionEngine<FloatImage, Prediction>(s_model, new PredictionEngineOptions { OwnsTransformer = false });

    private static void AssertScoresById(IDataView images, int count) => AssertById(Predict(images), count);

    private static void AssertById(Prediction[] predictions, int count)
    {
        Assert.AreEqual(count, predictions.Select(p => p.Id).Distinct().Count());
        foreach (var prediction in predictions)
            AssertScores(prediction, (int)prediction.Id - 1000);
    }

    private static void AssertScores(Prediction prediction, int row) =>
        CollectionAssert.AreEqual(s_scores[row], prediction.Scores, new Tolerance());

    private sealed class Tolerance : System.Collections.IComparer
    {
        public int Compare(object? x, object? y) => Math.Abs((float)x! - (float)y!) <= 1e-5f ? 0 : 1;
    }

    private sealed class WideRow
    {
        [VectorType(3, 8, 8)]
        public float[] Features { get; set; } = [];

        public string Name { get; set; } = "";

        public long Number { get; set; }

        public bool Flag { get; set; }

        [VectorType(2)]
        public string[] Words { get; set; } = [];

        [Microsoft.ML.Transforms.Image.ImageType(8, 8)]
        public MLImage Picture { get; set; } = null!;
    }

    private sealed class FileRow
    {
        public float Id { get; set; }

        public string Path { get; set; } = "";
    }

    private sealed class SmallImage
    {
        [VectorType(3, 4, 4)]
        public float[] Features { get; set; } = new float[48];
    }

    private sealed class ByteImage
    {
        [VectorType(3, 8, 8)]
        public byte[] Features { get; set; } = new byte[TinyImages.Size];
    }

    private sealed class ByteRow
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(3, 8, 8)]
        public byte[] Planar { get; set; } = [];

        [VectorType(8, 8, 3)]
        public byte[] Interleaved { get; set; } = [];

        [Microsoft.ML.Transforms.Image.ImageType(8, 8)]
        public MLImage Picture { get; set; } = null!;
    }

    private sealed class FlatImage
    {
        public float Id { get; set; }

        [VectorType(TinyImages.Size)]
        public float[] Features { get; set; } = [];
    }
}
