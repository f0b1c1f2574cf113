using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using TorchSharp;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class TrainingTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void A_trained_network_tells_new_images_apart()
    {
        using var model = Fit(TinyImages.Options());

        foreach (var prediction in Predict(model, 60))
        {
            Assert.AreEqual((uint)prediction.Id % 3 + 1, prediction.PredictedLabel);
            Assert.AreEqual(1f, prediction.Scores.Sum(), 1e-6f);
        }
    }

    [TestMethod]
    public void A_training_that_begins_with_small_images_scores_full_size_images()
    {
        var options = TinyImages.Options();
        using var full = Fit(options);
        options.Recipe = options.Recipe with { InitialImageScale = 0.5 };
        using var model = Fit(options);

        Assert.AreEqual(full.ImageShape, model.ImageShape);
        var predictions = Predict(model, 60);
        Assert.IsTrue(predictions.All(prediction => prediction.IsRight()));
        // It did see other images.
        Assert.AreNotEqual(Predict(full, 1)[0].Scores[0], predictions[0].Scores[0]);
    }

    [TestMethod]
    [DataRow(typeof(ByteImage))]
    [DataRow(typeof(InterleavedByteImage))]
    [DataRow(typeof(InterleavedImage))]
    [DataRow(typeof(PictureImage))]
    public void Every_kind_of_column_trains_to_the_same_accuracy(Type kind) =>
        typeof(TrainingTests).GetMethod(nameof(TrainOn), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!
            .MakeGenericMethod(kind).Invoke(this, null);

    private void TrainOn<T>() where T : class, IMadeOf, new()
    {
        using var model = new TinyTrainer(TinyImages.Options()).Fit(Load(0, 60));
        Assert.AreEqual(new ImageShape(3, 8, 8), model.ImageShape);
        var predictions = _ml.Data.CreateEnumerable<Prediction>(model.Transform(Load(1000, 30)), reuseRowObject: false).ToArray();
        Assert.AreEqual(30, predictions.Select((p, i) => (p, i)).Count(x => x.p.PredictedLabel == (1000 + x.i) % 3 + 1));

        IDataView Load(int first, int count) => _ml.Data.LoadFromEnumerable(Enumerable.Range(first, count).Select(i =>
        {
            var row = new T { Id = i, Label = (uint)(i % 3) };
            row.Set(TinyImages.Image(i));
            return row;
        }).ToArray());
    }

    [TestMethod]
    public void The_same_images_give_the_same_network_whatever_their_layout()
    {
        var planar = TinyImages.Floats(30);
        var interleaved = planar.Select(image => new InterleavedImage
        {
            Id = image.Id,
            Label = image.Label,
            Features = TinyImages.Interleaved(image.Features),
        });
        using var first = new TinyTrainer(TinyImages.Options()).Fit(_ml.Keyed(planar));
        using var second = new TinyTrainer(TinyImages.Options()).Fit(_ml.Data.LoadFromEnumerable(interleaved));

        // The second model scores planar images too.
        ScoreAssert.AreSame(Predict(first, 10), Predict(second, 10), 1e-5f);
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_network_and_another_seed_another()
    {
        var options = TinyImages.Options();
        options.Recipe = options.Recipe with { Augmentation = new AugmentationOptions { CropPadding = 1 } };
        using var first = Fit(options);
        using var again = Fit(options);
        options.Seed = 2;
        using var other = Fit(options);

        ScoreAssert.AreSame(Predict(first, 10), Predict(again, 10), 0);
        Assert.AreNotEqual(Predict(first, 1)[0].Scores[0], Predict(other, 1)[0].Scores[0]);
    }

    [TestMethod]
    public void Without_a_seed_that_of_the_context_is_used_else_a_random_one()
    {
        var options = TinyImages.Options();
        (options.Seed, options.Epoch) = (null, 1);
        var seeded = new MLContext(seed: 7);
        var images = _ml.Keyed(TinyImages.Floats(6));

        using var direct = new TinyTrainer(options, seeded).Fit(images);
        using var ofCatalog = new TinyTrainer(options, seeded.MulticlassClassification.Trainers).Fit(images);
        using var random = new TinyTrainer(options, new MLContext()).Fit(images);
        using var withoutContext = new TinyTrainer(options).Fit(images);

        Assert.AreEqual(7, direct.Report!.Seed);
        Assert.AreEqual(7, ofCatalog.Report!.Seed);
        Assert.AreNotEqual(random.Report!.Seed, withoutContext.Report!.Seed);
    }

    [TestMethod]
    public void No_tensor_outlives_the_transformer()
    {
        long before = LiveTensors.Count();
        var options = TinyImages.Options();
        options.ValidationSetFraction = 0.2;
        options.Recipe = options.Recipe with { Augmentation = new AugmentationOptions { CropPadding = 1 } };
        using (var scope = torch.NewDisposeScope())
        {
            using var model = Fit(options);
            Predict(model, 20);
            using var engine = _ml.Model.CreatePredictionEngine<FloatImage, Prediction>(model);
            engine.Predict(TinyImages.Floats(1)[0]);
            Assert.AreEqual(0, scope.DisposablesCount);
        }

        // A convolution, a batch norm of two and a linear layer of two.
        LiveTensors.AssertNoneLeft(before, networks: 2, parametersOfNetwork: 1 + 2 + 2);
    }

    [TestMethod]
    public void The_best_epoch_on_the_validation_set_is_kept()
    {
        var options = TinyImages.Options();
        options.ValidationSet = _ml.Keyed(TinyImages.Floats(30, first: 500));
        options.Epoch = 6;
        var epochs = new List<EpochMetrics>();
        options.MetricsCallback = epochs.Add;

        using var model = Fit(options);

        CollectionAssert.AreEqual(epochs, model.Report!.Epochs.ToArray());
        Assert.AreEqual(30, model.Report.ValidationImages);
        var best = epochs.OrderByDescending(e => e.ValidationAccuracy).ThenBy(e => e.ValidationLoss).First();
        Assert.AreEqual(best.Epoch, model.Report.BestEpoch);
        double loss = Predict(model, 30, first: 500).Average(p => -Math.Log(p.Scores[(int)p.Id % 3]));
        Assert.AreEqual(best.ValidationLoss!.Value, loss, 1e-4);
    }

    [TestMethod]
    public void A_held_out_fraction_is_the_same_share_of_every_class()
    {
        var options = TinyImages.Options();
        options.ValidationSetFraction = 0.2;

        using var model = Fit(options);

        // 90 images, 30 of each class: 6 of each are held out.
        Assert.AreEqual(72, model.Report!.TrainingImages);
        Assert.AreEqual(18, model.Report.ValidationImages);
        Assert.IsNotNull(model.Report.Epochs[0].ValidationAccuracy);
    }

    [TestMethod]
    public void Progress_counts_steps_and_ends_at_the_last()
    {
        var reports = new List<TrainingProgress>();
        var options = TinyImages.Options();
        options.Epoch = 2;
        options.Progress = new Direct<TrainingProgress>(reports.Add);

        using var model = Fit(options);

        // 90 images in batches of 16: 5 of 16 and one of 10.
        Assert.IsTrue(reports.All(r => r.Steps == 6 && r.Epochs == 2));
        var last = reports[^1];
        Assert.AreEqual((2, 6), (last.Epoch, last.Step));
        Assert.AreEqual(model.Report!.Epochs[1].Accuracy, last.Accuracy);
        Assert.IsGreaterThan(0, last.ImagesPerSecond);
        Assert.AreEqual(0, last.TimeLeft.TotalSeconds, 0.01);
    }

    [TestMethod]
    [CpuCondition]
    public void The_log_has_a_line_for_each_epoch()
    {
        var lines = new List<string>();
        _ml.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Info && e.Source == "ImageClassification")
                lines.Add(e.RawMessage);
        };

        using var model = Fit(TinyImages.Options());

        Assert.HasCount(5, lines);
        Assert.AreEqual(
            "Training tiny8 on 90 images of 3x8x8 in 3 classes, 16 at a time, validating on 0, on the CPU in Float32, seed 1.", lines[0]);
        Assert.StartsWith("Epoch 4 of 4: loss ", lines[4]);
    }

    [TestMethod]
    public void Canceled_before_it_starts_Fit_throws()
    {
        var options = TinyImages.Options();
        options.CancellationToken = new CancellationToken(canceled: true);
        Assert.Throws<OperationCanceledException>(() => Fit(options));
    }

    [TestMethod]
    public void Canceled_in_the_first_epoch_Fit_throws()
    {
        using var source = new CancellationTokenSource();
        var options = TinyImages.Options();
        options.CancellationToken = source.Token;
        options.Progress = new Direct<TrainingProgress>(_ => source.Cancel());
        Assert.Throws<OperationCanceledException>(() => Fit(options));
    }

    [TestMethod]
    public void Canceled_later_Fit_returns_the_best_so_far()
    {
        using var source = new CancellationTokenSource();
        var options = TinyImages.Options();
        options.CancellationToken = source.Token;
        options.MetricsCallback = metrics => { if (metrics.Epoch == 2) source.Cancel(); };

        using var model = Fit(options);

        Assert.IsTrue(model.Report!.Canceled);
        Assert.HasCount(2, model.Report.Epochs);
        Assert.AreEqual(2, model.Report.BestEpoch);
        Assert.HasCount(1, Predict(model, 1));
    }

    [TestMethod]
    public void Canceled_later_Fit_throws_where_that_is_asked_for()
    {
        using var source = new CancellationTokenSource();
        var options = TinyImages.Options();
        options.CancellationToken = source.Token;
        options.OnCancellation = CancellationPolicy.Throw;
        options.MetricsCallback = metrics => { if (metrics.Epoch == 2) source.Cancel(); };

        Assert.Throws<OperationCanceledException>(() => Fit(options));
    }

    [TestMethod]
    public void A_checkpoint_that_cannot_be_written_costs_no_training()
    {
        using var folder = new TempFolder();
        var warnings = new List<string>();
        _ml.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Warning)
                warnings.Add(e.RawMessage);
        };
        var options = TinyImages.Options();
        using var undisturbed = Fit(options);
        options.WorkspacePath = folder.Path;
        // A folder where the file is to be: as good as a full disk.
        options.MetricsCallback = metrics => Directory.CreateDirectory(folder.At("checkpoint-000002.mlnetcnn.new"));
        using var model = Fit(options);

        ScoreAssert.AreSame(Predict(undisturbed, 10), Predict(model, 10), 0);
        Assert.HasCount(3, warnings);
        Assert.StartsWith("The checkpoint after 2 epochs could not be written: ", warnings[0]);
        Assert.EndsWith($"Training goes on; were it killed now, it would continue after 1 epoch. Make room in '{folder.Path}'.", warnings[0]);
    }

    [TestMethod]
    [DataRow(ComputePrecision.BFloat16)]
    [DataRow(ComputePrecision.Float16)]
    public void Sixteen_bits_train_and_score(ComputePrecision precision)
    {
        var options = TinyImages.Options();
        options.Precision = precision;
        using var model = Fit(options);
        Assert.AreEqual(60, Predict(model, 60).Count(p => p.IsRight()));
    }

    private ImageClassificationTransformer Fit(ImageClassificationOptions options) =>
        new TinyTrainer(options, _ml).Fit(_ml.Keyed(TinyImages.Floats(90)));

    private Prediction[] Predict(ITransformer model, int count, int first = 1000) => _ml.Predict(model, count, first);

    private interface IMadeOf
    {
        float Id { set; }

        uint Label { set; }

        void Set(byte[] planar);
    }

    private abstract class Row
    {
        public float Id { get; set; }

        [KeyType(3)]
        public uint Label { get; set; }
    }

    private sealed class ByteImage : Row, IMadeOf
    {
        [VectorType(3, 8, 8)]
        public byte[] Features { get; set; } = [];

        public void Set(byte[] planar) => Features = planar;
    }

    private sealed class InterleavedByteImage : Row, IMadeOf
    {
        [VectorType(8, 8, 3)]
        public byte[] Features { get; set; } = [];

        public void Set(byte[] planar) => Features = TinyImages.Interleaved(planar);
    }

    private sealed class InterleavedImage : Row, IMadeOf
    {
        [VectorType(8, 8, 3)]
        public float[] Features { get; set; } = [];

        public void Set(byte[] planar) => Features = Array.ConvertAll(TinyImages.Interleaved(planar), b => b / 127.5f - 1);
    }

    private sealed class PictureImage : Row, IMadeOf
    {
        [Microsoft.ML.Transforms.Image.ImageType(8, 8)]
        public MLImage Features { get; set; } = null!;

        public void Set(byte[] planar) => Features = TinyImages.ToMLImage(planar);
    }
}
