using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification.Tests;

/// <summary>What Fit says about data it cannot train on, and what it does about data it can repair.</summary>
[TestClass]
public sealed class BadInputTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _warnings = [];

    public BadInputTests() => _ml.Log += (_, e) =>
    {
        if (e.Kind == ChannelMessageKind.Warning)
            _warnings.Add(e.RawMessage);
    };

    [TestMethod]
    public void No_rows() => Refused(TinyImages.Floats(0), "There is no row to train on: the data is empty.");

    [TestMethod]
    public void One_row() => Refused(
        TinyImages.Floats(1), "There is only one row to train on; batch normalization needs at least 2.");

    [TestMethod]
    public void Rows_without_labels_only() => Refused(
        TinyImages.Floats(2).Select(WithoutLabel),
        "There is no row to train on: the data has nothing but 2 rows without a label.");

    [TestMethod]
    public void A_label_of_one_class() => Refused(
        new[] { new OneClass(), new OneClass() },
        "Label column 'Label' has 1 class; a classifier needs at least 2. Check that the training data holds more than one label value.");

    [TestMethod]
    public void A_label_that_is_no_key() => Refused(
        new[] { new NumberLabel() },
        "Label column 'Label' is Single; expected a key. Put mlContext.Transforms.Conversion.MapValueToKey(\"Label\") before the trainer.");

    [TestMethod]
    public void A_missing_column()
    {
        var options = TinyImages.Options();
        options.FeatureColumnName = "Pixels";
        Refused(TinyImages.Floats(2), "There is no column 'Pixels' for the features; the columns are 'Id', 'Label', 'ClassName', 'Features'.", options);
    }

    [TestMethod]
    public void A_vector_without_image_dimensions() => Refused(
        new[] { new FlatImage() },
        "Column 'Features' is Vector<Single, 192>; expected dimensions [3, H, W] or [H, W, 3] (1 to 4 channels). " +
        "ExtractPixels gives them; for a property of your own class use [VectorType(3, H, W)].");

    [TestMethod]
    public void A_column_of_text() => Refused(
        new[] { new TextImage() },
        "Column 'Features' is String; expected a vector of Single or Byte with the dimensions [channels, height, width] or " +
        "[height, width, channels], or an image.");

    [TestMethod]
    public void Images_of_unknown_size()
    {
        using var folder = new TempFolder();
        var data = _ml.Data.LoadFromEnumerable(new[] { new ImageFile { Path = TinyImages.WriteImage(folder, 0) } });
        var images = _ml.Transforms.LoadImages("Features", "", "Path").Fit(data).Transform(data);

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(TinyImages.Options()).Fit(images));

        Assert.AreEqual(
            "Column 'Features' holds images of unknown size; expected images of one size. Put ResizeImages before the trainer.",
            exception.Message);
    }

    [TestMethod]
    public void A_pixel_that_is_not_a_number()
    {
        var images = TinyImages.Floats(6);
        images[4].Features[17] = float.NaN;

        Refused(images,
            "The image in column 'Features' of row 4 cannot be used: it has values that are not finite (NaN or infinity). " +
            "Repair or remove it, or set BadImages to Skip.");
    }

    [TestMethod]
    public void A_bad_image_is_found_by_its_row_whichever_cursor_reads_it()
    {
        var images = TinyImages.Floats(3000)
            .Select(i => new NamedImage { Label = TinyImages.Label((int)i.Id), Features = i.Features }).ToArray();
        images[2900].Features[17] = float.NaN;
        var data = _ml.Data.LoadFromEnumerable(images);
        // A transform that computes the label per row deals the rows out to several cursors.
        var spread = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);

        var exception = Assert.ThrowsExactly<InvalidOperationException>(
            () => new TinyTrainer(TinyImages.Options(), _ml).Fit(spread));

        Assert.StartsWith("The image in column 'Features' of row 2900 cannot be used: ", exception.Message);
    }

    [TestMethod]
    public void Bad_images_are_skipped_and_counted_when_asked()
    {
        var images = TinyImages.Floats(12);
        images[4].Features[17] = float.NaN;
        images[7].Features[0] = float.PositiveInfinity;
        var options = TinyImages.Options();
        options.BadImages = BadImagePolicy.Skip;

        using var model = new TinyTrainer(options, _ml).Fit(_ml.Keyed(images));

        Assert.AreEqual(10, model.Report!.TrainingImages);
        Assert.AreEqual(2, model.Report.BadImages);
        Assert.Contains(w => w ==
            "Left out 2 rows with a bad image: row 4: it has values that are not finite (NaN or infinity); " +
            "row 7: it has values that are not finite (NaN or infinity).", _warnings);
    }

    [TestMethod]
    public void A_file_that_is_no_image_fails_by_row_or_is_skipped()
    {
        using var folder = new TempFolder();
        var files = Files(folder, 12);
        File.WriteAllText(files[5].Path, "no image");
        var pixels = Pixels(files);

        Assert.StartsWith(
            $"The image in column 'Features' of row 5 ('{files[5].Path}') cannot be used: Invalid input stream contents",
            Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(TinyImages.Options()).Fit(pixels)).Message);

        using var model = new TinyTrainer(Skipping(), _ml).Fit(pixels);
        Assert.AreEqual(11, model.Report!.TrainingImages);
        Assert.AreEqual(1, model.Report.BadImages);
        Assert.Contains(w => w.StartsWith($"Left out 1 row with a bad image: row 5 ('{files[5].Path}'): Invalid"), _warnings);
    }

    [TestMethod]
    public void A_bad_file_is_named_and_skipped_though_ML_NET_meets_it_on_a_thread_of_its_own()
    {
        // TakeRows asks for one cursor, behind which ML.NET reads ahead on several threads and fails as a whole.
        using var folder = new TempFolder();
        var files = Files(folder, 200);
        File.WriteAllText(files[150].Path, "no image");
        var pixels = _ml.Data.TakeRows(Pixels(files), 190);

        Assert.StartsWith(
            $"The image in column 'Features' of row 150 ('{files[150].Path}') cannot be used: ",
            Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(TinyImages.Options()).Fit(pixels)).Message);

        using var model = new TinyTrainer(Skipping(), _ml).Fit(pixels);
        Assert.AreEqual(189, model.Report!.TrainingImages);
        Assert.AreEqual(1, model.Report.BadImages);
    }

    [TestMethod]
    public void A_bad_file_behind_a_cache_is_told_with_the_remedy()
    {
        using var folder = new TempFolder();
        var files = Files(folder, 12);
        File.WriteAllText(files[5].Path, "no image");
        var cached = _ml.Data.Cache(Pixels(files));

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(Skipping()).Fit(cached));

        Assert.StartsWith("The rows cannot be read: Invalid input stream contents", exception.Message);
        Assert.EndsWith(
            "Where an image is the cause, a transform that reads images ahead of the trainer (AppendCacheCheckpoint, ShuffleRows, a " +
            "filter) has met it first, so it can be neither named nor left out: put that transform before those that load the images, " +
            "or repair the image.", exception.Message);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(7)]
    public void A_row_without_an_image_path_is_a_bad_image(int row)
    {
        using var folder = new TempFolder();
        var files = Files(folder, 12);
        files[row].Path = "";

        var pictures = Pictures(files);
        var gray = _ml.Transforms.ConvertToGrayscale("Features").Fit(pictures).Transform(pictures);

        foreach (var images in new[] { Pixels(files), pictures, gray })
            Assert.AreEqual(
                $"The image in column 'Features' of row {row} cannot be used: there is no image path, column 'Path' is empty. " +
                "Repair or remove it, or set BadImages to Skip.",
                Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(TinyImages.Options()).Fit(images)).Message);

        using var model = new TinyTrainer(Skipping(), _ml).Fit(Pictures(files));
        Assert.AreEqual(11, model.Report!.TrainingImages);
    }

    [TestMethod]
    public void A_row_without_an_image_path_is_refused_in_scoring_the_same_every_time()
    {
        using var folder = new TempFolder();
        var files = Files(folder, 12);
        var chain = _ml.Transforms.LoadImages("Image", "", "Path")
            .Append(_ml.Transforms.ResizeImages("Image", TinyImages.Side, TinyImages.Side))
            .Append(_ml.Transforms.ExtractPixels("Features", "Image"));
        using var model = chain.Append(new TinyTrainer(TinyImages.Options())).Fit(_ml.Data.LoadFromEnumerable(files));
        using var engine = _ml.Model.CreatePredictionEngine<ImageFile, Prediction>(model);
        const string why = "cannot be scored: there is no image path, column 'Path' is empty.";

        foreach (string path in new[] { "", files[0].Path, "" })
            if (path == "")
                Assert.Contains(why, Assert.ThrowsExactly<InvalidOperationException>(() => engine.Predict(new ImageFile())).Message);
            else
                Assert.HasCount(3, engine.Predict(files[0]).Scores);

        files[5].Path = "";
        var scored = model.Transform(_ml.Data.LoadFromEnumerable(files));
        Assert.Contains("of row 5 " + why, Assert.ThrowsExactly<InvalidOperationException>(() => scored.GetColumn<float[]>("Score").Count()).Message);
    }

    [TestMethod]
    public void An_empty_path_beside_images_that_are_there_does_no_harm()
    {
        var rows = TinyImages.Floats(12).Select(image => new WithSource { Label = image.Label, Features = image.Features });

        using var model = new TinyTrainer(TinyImages.Options()).Fit(_ml.Data.LoadFromEnumerable(rows));

        Assert.AreEqual(12, model.Report!.TrainingImages);
    }

    [TestMethod]
    public void An_empty_vector_is_a_bad_image()
    {
        var images = TinyImages.Floats(12);
        images[3].Features = [];

        using var model = new TinyTrainer(Skipping(), _ml).Fit(_ml.Keyed(images));

        Assert.AreEqual(11, model.Report!.TrainingImages);
        Assert.Contains("Left out 1 row with a bad image: row 3: there is no image, its vector is empty.", _warnings);
    }

    [TestMethod]
    public void The_first_bad_images_are_named_and_the_others_counted()
    {
        var images = TinyImages.Floats(30);
        foreach (int i in new[] { 3, 8, 13, 21, 29 })
            images[i].Features[0] = float.NaN;

        using var model = new TinyTrainer(Skipping(), _ml).Fit(_ml.Keyed(images));

        Assert.AreEqual(5, model.Report!.BadImages);
        const string why = "it has values that are not finite (NaN or infinity)";
        Assert.Contains($"Left out 5 rows with a bad image: row 3: {why}; row 8: {why}; row 13: {why}; and 2 more.", _warnings);
    }

    [TestMethod]
    [DataRow(0, "There is no row to train on: the data is empty.")]
    [DataRow(1, "There is only one row to train on; batch normalization needs at least 2.")]
    [DataRow(2, "Label column 'Label' has 1 class; a classifier needs at least 2. Check that the training data holds more than one label value.")]
    public void No_row_one_row_and_one_class_are_told_apart_behind_MapValueToKey(int rows, string message)
    {
        var data = _ml.Data.LoadFromEnumerable(
            TinyImages.Floats(rows).Select(image => new NamedImage { Label = "only", Features = image.Features }));
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(TinyImages.Options()).Fit(keyed));

        Assert.AreEqual(message, exception.Message);
    }

    [TestMethod]
    public void Rows_without_a_label_are_left_out_and_counted_once()
    {
        var images = TinyImages.Floats(12);
        WithoutLabel(images[3]);
        WithoutLabel(images[8]);

        using var model = new TinyTrainer(TinyImages.Options(), _ml).Fit(_ml.Keyed(images));

        Assert.AreEqual(10, model.Report!.TrainingImages);
        Assert.AreEqual(2, model.Report.RowsWithoutLabel);
        Assert.AreEqual(1, _warnings.Count(w => w == "Left out 2 rows without a label."));
    }

    [TestMethod]
    public void Rows_of_one_label_are_trained_on_with_a_warning()
    {
        using var model = new TinyTrainer(TinyImages.Options(), _ml).Fit(_ml.Keyed(TinyImages.Floats(12).Where(i => i.Label == 1)));

        Assert.AreEqual(3, model.ClassCount);
        Assert.Contains(
            "All 4 rows have the same label; the network will learn to answer nothing else (column 'Label' has 3 keys).", _warnings);
    }

    [TestMethod]
    public void A_batch_size_above_the_row_count_takes_all_rows_in_one_step()
    {
        var options = TinyImages.Options();
        options.BatchSize = 1000;
        var steps = new List<TrainingProgress>();
        options.Progress = new Direct<TrainingProgress>(steps.Add);

        using var model = new TinyTrainer(options, _ml).Fit(_ml.Keyed(TinyImages.Floats(9)));

        Assert.IsTrue(steps.All(step => step.Steps == 1));
        Assert.Contains("BatchSize is 1000, but there are only 9 rows; each epoch is one step of all of them.", _warnings);
    }

    [TestMethod]
    [DataRow(32, 16, "16 16")]
    [DataRow(33, 16, "16 9 8")]
    [DataRow(34, 16, "16 9 9")]
    [DataRow(39, 16, "16 12 11")]
    [DataRow(40, 16, "16 16 8")]
    [DataRow(5, 16, "5")]
    [DataRow(1, 16, "1")]
    [DataRow(5, 2, "2 3")]
    [DataRow(4, 3, "2 2")]
    public void A_last_batch_of_less_than_half_is_evened_out_with_the_one_before(int count, int batchSize, string sizes) =>
        Assert.AreEqual(sizes, string.Join(' ', DataLoader.Sizes(count, batchSize)));

    [TestMethod]
    public void One_row_more_than_a_batch_is_trained_on()
    {

        using var model = new TinyTrainer(TinyImages.Options()).Fit(_ml.Keyed(TinyImages.Floats(33)));
        Assert.AreEqual(33, model.Report!.TrainingImages);
    }

    [TestMethod]
    public void A_training_that_diverges_is_stopped_with_advice()
    {
        var images = TinyImages.Floats(12);
        foreach (var image in images)
            Array.Fill(image.Features, 1e38f);

        Refused(images,
            "The training diverged: the loss became NaN in epoch 1. Lower LearningRate (0.2), raise WarmupEpochs (1), and check " +
            "that the features are of moderate size (Normalization, or NormalizeChannels before the trainer).");
    }

    [TestMethod]
    [CpuCondition]
    public void Running_out_of_memory_names_the_batch_size()
    {
        var exception = Assert.ThrowsExactly<InvalidOperationException>(
            () => new HungryTrainer(TinyImages.Options()).Fit(_ml.Keyed(TinyImages.Floats(12))));

        Assert.AreEqual(
            "Out of memory on the CPU in Float32 with BatchSize 16 and images of 3x8x8. Try MicroBatchSize 8: a step still has 16 images, but half " +
            "as many as now pass through the network at once; halve it again while it is too large.", exception.Message);
        Assert.IsNotNull(exception.InnerException);
    }

    [TestMethod]
    public void A_validation_set_of_other_classes()
    {
        var options = TinyImages.Options();
        options.ValidationSet = _ml.Data.LoadFromEnumerable(new[] { new FiveClasses() });
        Refused(TinyImages.Floats(6),
            "Label column 'Label' of ValidationSet has other classes (5 keys without values) than that of the training data " +
            "(3 keys without values). Map both with the same fitted MapValueToKey.", options);
    }

    [TestMethod]
    public void A_validation_set_without_the_columns_is_refused_before_an_image_is_read()
    {
        var options = TinyImages.Options();
        options.ValidationSet = _ml.Data.LoadFromEnumerable(new[] { new ImageFile { Path = "one.png" } });
        bool read = false;
        var training = _ml.Data.LoadFromEnumerable(TinyImages.Floats(6).Select(image =>
        {
            read = true;
            return image;
        }));

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(options).Fit(training));

        Assert.AreEqual(
            "ValidationSet cannot be used; it must pass through the same transforms as the training data. There is no column " +
            "'Features' for the features; the columns are 'Path', 'Label'.", exception.Message);
        Assert.IsFalse(read);
    }

    [TestMethod]
    public void A_bad_image_of_the_validation_set_is_named_as_one()
    {
        var images = TinyImages.Floats(6);
        images[4].Features[17] = float.NaN;
        var options = TinyImages.Options();
        options.ValidationSet = _ml.Keyed(images);

        Refused(TinyImages.Floats(6),
            "The image in column 'Features' of row 4 of ValidationSet cannot be used: it has values that are not finite (NaN or " +
            "infinity). Repair or remove it, or set BadImages to Skip.", options);
    }

    [TestMethod]
    public void Every_class_of_two_rows_is_held_out_from_and_trained_on()
    {
        // 50 classes of 4 rows: a tenth of 4 rounds to none.
        var rows = Enumerable.Range(0, 200).Select(i => new ManyClasses { Label = (uint)(i % 50) });
        var options = TinyImages.Options();
        options.ValidationSetFraction = 0.1;
        options.Seed = 1;

        var data = TrainingData.Load(_ml.Data.LoadFromEnumerable(rows), options, new TrainingLog(null));

        var training = data.Training.Read(null, default).GroupBy(image => image.Label).ToArray();
        var validation = data.Validation!.Read(null, default).GroupBy(image => image.Label).ToArray();
        Assert.HasCount(50, training);
        Assert.HasCount(50, validation);
        Assert.IsTrue(training.All(rowsOfClass => rowsOfClass.Count() == 3));
        Assert.IsTrue(validation.All(rowsOfClass => rowsOfClass.Count() == 1));
    }

    [TestMethod]
    public void Pixels_that_were_scaled_twice_are_warned_of()
    {
        // As by ExtractPixels with a scale of 1/255; NormalizeChannels has figures for 0 to 255.
        var images = TinyImages.Floats(12);
        foreach (var image in images)
            image.Features = Array.ConvertAll(image.Features, value => (value + 1) / 2);

        using var model = _ml.Transforms.NormalizeChannels("Features", "Features", ChannelNormalization.ImageNet)
            .Append(new TinyTrainer(TinyImages.Options(), _ml)).Fit(_ml.Keyed(images));

        var warning = _warnings.Single(w => w.StartsWith("The images have values from -2.118 to "));
        Assert.Contains("expected a mean between -10 and 10 and a standard deviation between 0.05 and 100.", warning);
        Assert.Contains("Check that pixels are scaled and normalized once", warning);
    }

    [TestMethod]
    public void Figures_of_another_scale_than_the_pixels_are_warned_of()
    {
        var options = TinyImages.Options();
        options.Normalization = new ChannelNormalization([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);
        var bytes = Enumerable.Range(0, 12).Select(i => new ByteRow { Label = (uint)(i % 3), Features = TinyImages.Image(i) });

        using var model = new TinyTrainer(options, _ml).Fit(_ml.Data.LoadFromEnumerable(bytes));

        Assert.Contains(w => w.StartsWith("The images, normalized, have values from -2."), _warnings);
    }

    [TestMethod]
    public void A_validation_set_that_was_prepared_in_another_way_is_warned_of()
    {
        var options = TinyImages.Options();
        var images = TinyImages.Floats(12, first: 100);
        foreach (var image in images)
            image.Features = Array.ConvertAll(image.Features, value => (value + 1) * 127.5f);
        options.ValidationSet = _ml.Keyed(images);

        using var model = new TinyTrainer(options, _ml).Fit(_ml.Keyed(TinyImages.Floats(12)));

        Assert.Contains(
            w => w.StartsWith("The images of ValidationSet have values from 0 to 2") && w.Contains(", those of the training data values from -1 to 0."),
            _warnings);
    }

    [TestMethod]
    public void Pixels_as_they_should_be_are_not_warned_of()
    {
        var options = TinyImages.Options();
        options.ValidationSet = _ml.Keyed(TinyImages.Floats(12, first: 100));
        using var model = new TinyTrainer(options, _ml).Fit(_ml.Keyed(TinyImages.Floats(12)));
        using var bytes = new TinyTrainer(TinyImages.Options(), _ml).Fit(_ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, 12).Select(i => new ByteRow { Label = (uint)(i % 3), Features = TinyImages.Image(i) })));

        Assert.IsFalse(_warnings.Any(w => w.Contains("standard deviation")), string.Join('\n', _warnings));
    }

    [TestMethod]
    public void A_validation_fraction_that_holds_out_nothing()
    {
        var options = TinyImages.Options();
        options.ValidationSetFraction = 0.1;
        Refused(TinyImages.Floats(3),
            "ValidationSetFraction is 0.1, which holds out 0 of 3 rows; at least 1 row must be held out and at least 2 must remain, and " +
            "the only row of a class is never held out.",
            options);
    }

    private void Refused<T>(IEnumerable<T> rows, string message, ImageClassificationOptions? options = null) where T : class
    {
        var trainer = new TinyTrainer(options ?? TinyImages.Options(), _ml);
        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => trainer.Fit(_ml.Data.LoadFromEnumerable(rows)));
        Assert.AreEqual(message, exception.Message);
    }

    private static ImageClassificationOptions Skipping()
    {
        var options = TinyImages.Options();
        options.BadImages = BadImagePolicy.Skip;
        return options;
    }

    private static ImageFile[] Files(TempFolder folder, int count) => [.. Enumerable.Range(0, count).Select(
        i => new ImageFile { Path = TinyImages.WriteImage(folder, i), Label = (uint)(i % 3) })];

    /// <summary>Images loaded from files and resized, as the trainer takes them.</summary>
    private IDataView Pictures(ImageFile[] files) => Apply(files,
        _ml.Transforms.LoadImages("Image", "", "Path").Append(_ml.Transforms.ResizeImages("Features", TinyImages.Side, TinyImages.Side, "Image")));

    /// <summary>The same as floats.</summary>
    private IDataView Pixels(ImageFile[] files) => Apply(files,
        _ml.Transforms.LoadImages("Image", "", "Path")
            .Append(_ml.Transforms.ResizeImages("Image", TinyImages.Side, TinyImages.Side))
            .Append(_ml.Transforms.ExtractPixels("Features", "Image")));

    private IDataView Apply(ImageFile[] files, IEstimator<ITransformer> estimator)
    {
        var data = _ml.Data.LoadFromEnumerable(files);
        return estimator.Fit(data).Transform(data);
    }

    private static FloatImage WithoutLabel(FloatImage image)
    {
        image.Label = uint.MaxValue;
        return image;
    }

    private sealed class OneClass
    {
        [KeyType(1)]
        public uint Label { get; set; }

        [VectorType(3, 8, 8)]
        public float[] Features { get; set; } = new float[TinyImages.Size];
    }

    private sealed class FiveClasses
    {
        [KeyType(5)]
        public uint Label { get; set; }

        [VectorType(3, 8, 8)]
        public float[] Features { get; set; } = new float[TinyImages.Size];
    }

    private sealed class NumberLabel
    {
        public float Label { get; set; }

        [VectorType(3, 8, 8)]
        public float[] Features { get; set; } = new float[TinyImages.Size];
    }

    private sealed class FlatImage
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(TinyImages.Size)]
        public float[] Features { get; set; } = new float[TinyImages.Size];
    }

    private sealed class TextImage
    {
        [KeyType(3)]
        public uint Label { get; set; }

        public string Features { get; set; } = "";
    }

    private sealed class NamedImage
    {
        public string Label { get; set; } = "";

        [VectorType(3, 8, 8)]
        public float[] Features { get; set; } = [];
    }

    private sealed class ImageFile
    {
        public string Path { get; set; } = "";

        [KeyType(3)]
        public uint Label { get; set; }
    }

    private sealed class WithSource
    {
        public string SourceFile { get; set; } = "";

        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(3, 8, 8)]
        public float[] Features { get; set; } = [];
    }

    private sealed class ByteRow
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(3, 8, 8)]
        public byte[] Features { get; set; } = [];
    }

    private sealed class ManyClasses
    {
        [KeyType(50)]
        public uint Label { get; set; }

        [VectorType(3, 8, 8)]
        public float[] Features { get; set; } = new float[TinyImages.Size];
    }
}
