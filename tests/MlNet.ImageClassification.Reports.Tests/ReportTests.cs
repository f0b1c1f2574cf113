using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification.Tests;

namespace MlNet.ImageClassification.Reports.Tests;

[TestClass]
public sealed class ReportTests
{
    private static readonly string[] Hostile =
    [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "a&lt;b 'quoted' \0 \u202eesrever",
    ];

    private readonly MLContext _ml = new(seed: 1);
    private readonly TempFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void The_figures_are_those_that_MLNET_works_out()
    {
        using var model = Fit(epochs: 4, images: 60);
        // Labels that are wrong by design: the network cannot get them right.
        var test = TinyImages.Floats(40, first: 1000);
        for (int i = 0; i < test.Length; i += 5)
            test[i].Label = (test[i].Label + 1) % 3;

        var page = Save(model, _ml.Keyed(test));
        var metrics = _ml.MulticlassClassification.Evaluate(model.Transform(_ml.Keyed(test)), topKPredictionCount: 2);

        Assert.Contains($"Test accuracy {Percent(metrics.MicroAccuracy)}", Words(page));
        Assert.Contains($"Top-2 accuracy {Percent(metrics.TopKAccuracy)}", Words(page));
        Assert.Contains(FormattableString.Invariant($"Log-loss {metrics.LogLoss:0.000}"), Words(page));
        for (int i = 0; i < 3; i++)
            Assert.Contains(
                $"class {i + 1} {Percent(metrics.ConfusionMatrix.PerClassPrecision[i])} {Percent(metrics.ConfusionMatrix.PerClassRecall[i])}", Words(page));
        var counts = metrics.ConfusionMatrix.Counts;
        Assert.Contains(string.Join(' ', counts.Select((row, i) => $"class {i + 1} {string.Join(' ', row)}")), Words(page));
    }

    [TestMethod]
    public void Every_part_is_there()
    {
        var validated = TinyImages.Options();
        (validated.Epoch, validated.ValidationSetFraction) = (3, 0.2);
        validated.Recipe = validated.Recipe with { Augmentation = new AugmentationOptions { CropPadding = 2 } };
        using var model = new TinyTrainer(validated).Fit(_ml.Keyed(TinyImages.Floats(60)));

        var page = Save(model, _ml.Keyed(TinyImages.Floats(50, first: 1000)), _ml.Keyed(TinyImages.Floats(60)));

        // Loss, accuracy, learning rate, images per second, seconds, reliability.
        Assert.HasCount(6, page.All("svg"));
        Assert.Contains("Loss over 3 epochs: training from", page.Html);
        Assert.Contains("validation from", page.Html);
        Assert.DoesNotContain("no validation rows", Words(page));
        foreach (var epoch in model.Report!.Epochs)
            Assert.Contains(FormattableString.Invariant($"{epoch.Loss:0.0000} {Percent(epoch.Accuracy)} {epoch.ValidationLoss:0.0000} {Percent(epoch.ValidationAccuracy!.Value)}"), Words(page));
        // 24 predictions; 8 training images with 3 augmentations each; mistakes besides.
        int mistakes = page.All("li", "wrong").Count() + page.All("li", "right").Count() - 24;
        Assert.HasCount(24 + mistakes + 8 * 4, page.All("img"));
        Assert.Contains("Recipe.Augmentation.CropPadding 2", Words(page));
        Assert.Contains("Seed 1", Words(page));
        Assert.Contains("LibTorch 2.", Words(page));
        Assert.DoesNotContain("MetricsCallback", Words(page));
    }

    [TestMethod]
    public void Without_validation_and_without_test_data_the_page_says_so()
    {
        using var model = Fit(epochs: 1, images: 12);

        model.Report!.Save(_folder.At("a folder/report.html"), model);
        var page = Page.Read(_folder.At("a folder/report.html"));

        Assert.Contains("This training had no validation rows", Words(page));
        Assert.Contains("No test data was given to this report", Words(page));
        Assert.Contains("One epoch", Words(page));
    }

    [TestMethod]
    public void A_loaded_model_has_a_page_without_its_training()
    {
        using (var model = Fit(epochs: 1, images: 12))
            _ml.Model.Save(model, null, _folder.At("model.zip"));
        var loaded = _ml.Model.Load(_folder.At("model.zip"), out _);

        var page = Save(loaded, _ml.Keyed(TinyImages.Floats(6)), _ml.Keyed(TinyImages.Floats(6)));

        Assert.Contains("keeps nothing of its training", Words(page));
        Assert.Contains("of 6 images right", Words(page));
        (loaded as IDisposable)?.Dispose();
    }

    [TestMethod]
    public void Hostile_names_are_text()
    {
        var rows = Enumerable.Range(0, 30).Select(i => new NamedImage
        {
            Name = Hostile[i % 3], ImagePath = $"photos/{Hostile[i % 3]}/{i}<b>.png", Features = TinyImages.Floats(1, i)[0].Features,
        }).ToArray();
        var data = _ml.Data.LoadFromEnumerable(rows);
        using var model = _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Append(new TinyTrainer(Options(1))).Fit(data);

        model.SaveReport(_folder.At("report.html"), data, data, title: Hostile[0]);
        var page = Page.Read(_folder.At("report.html"));

        Assert.DoesNotContain("<script", page.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<b>", page.Html);
        Assert.DoesNotContain("\0", page.Html);
        Assert.AreEqual("<script>alert(1)</script>", page.All("th").First(th => th.GetValueOrDefault("title") is { } title && title.StartsWith('<'))["title"]);
        Assert.Contains("<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>", page.Html);
        Assert.IsTrue(page.All("img").Any(image => image["alt"].Contains("\"><img src=x onerror=alert(1)>")));
    }

    [TestMethod]
    [DataRow(51)]
    [DataRow(1000)]
    public void Many_classes_stay_readable(int classes)
    {
        var rows = Enumerable.Range(0, classes * 2).Select(i => new NamedImage
        {
            Name = $"class number {i % classes}", Features = TinyImages.Floats(1, i)[0].Features,
        }).ToArray();
        var data = _ml.Data.LoadFromEnumerable(rows);
        var options = Options(1);
        options.BatchSize = 128;
        using var model = _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Append(new TinyTrainer(options)).Fit(data);

        var page = Save(model, data);

        int matrix = page.Elements.FindIndex(e => e.Attributes.GetValueOrDefault("class") == "matrix");
        int next = page.Elements.FindIndex(matrix + 1, e => e.Name == "table");
        var cells = page.Elements[matrix..next].Where(e => e.Name == "td").ToArray();
        Assert.HasCount(21 * 21, cells);
        Assert.Contains($"{classes - 20} others", Words(page));
        Assert.Contains($"The 30 classes with the lowest F1, of {classes}", Words(page));
        Assert.Contains($"All {classes} classes, in the order of the keys", Words(page));
        Assert.IsLessThan(1_500_000, page.Html.Length);
    }

    [TestMethod]
    public void Training_images_that_were_not_augmented_are_shown_once_each()
    {
        var options = Options(1);
        options.Recipe = options.Recipe with { Augmentation = AugmentationOptions.None };
        using var model = new TinyTrainer(options).Fit(_ml.Keyed(TinyImages.Floats(12)));

        var page = Save(model, test: null, _ml.Keyed(TinyImages.Floats(12)));

        Assert.HasCount(8, page.All("img"));
        Assert.DoesNotContain("How they were augmented is not known", Words(page));
    }

    [TestMethod]
    public void Rows_without_a_label_are_left_out_and_counted()
    {
        using var model = Fit(epochs: 1, images: 12);
        var test = TinyImages.Floats(10, first: 1000);
        // The keys count from 1 in the column and from 0 in the class; what is beyond the last is missing.
        test[3].Label = test[7].Label = uint.MaxValue;

        var page = Save(model, _ml.Keyed(test));

        Assert.Contains("of 8 images right", Words(page));
        Assert.Contains("Left out of the test: 2 rows", Words(page));
    }

    [TestMethod]
    public void Mistakes_are_the_surest_first()
    {
        using var model = Fit(epochs: 4, images: 60);
        var test = TinyImages.Floats(90, first: 1000);
        foreach (var image in test)
            image.Label = (image.Label + 1) % 3;

        var results = TestResults.Of(model, model, _ml.Keyed(test), seed: 1);

        // All are mistakes, as the network tells the true classes apart.
        Assert.AreEqual(0, results.Confusion.Right);
        var expected = _ml.Predict(model, 90).Select(p => p.Scores.Max()).OrderDescending().Take(24).ToArray();
        CollectionAssert.AreEqual(expected, results.Mistakes.Select(answer => answer.Confidence).ToArray());
        Assert.HasCount(24, results.Drawn);
    }

    [TestMethod]
    public void Labels_in_another_order_are_refused()
    {
        var rows = TinyImages.Floats(12).Select(image => new NamedImage { Name = image.ClassName, Features = image.Features }).ToArray();
        var training = _ml.Data.LoadFromEnumerable(rows);
        var toKeys = _ml.Transforms.Conversion.MapValueToKey("Label", "Name");
        using var model = new TinyTrainer(Options(1)).Fit(toKeys.Fit(training).Transform(training));
        var reversed = _ml.Data.LoadFromEnumerable(rows.Reverse());

        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => model.SaveReport(_folder.At("report.html"), toKeys.Fit(reversed).Transform(reversed)));

        Assert.Contains("3 classes (blue, green, red), the model 3 (red, green, blue)", error.Message);
        Assert.IsFalse(File.Exists(_folder.At("report.html")));
    }

    [TestMethod]
    public void A_page_that_cannot_be_written_leaves_nothing_behind()
    {
        using var model = Fit(epochs: 1, images: 12);
        Directory.CreateDirectory(_folder.At("report.html/inside"));

        Assert.Throws<Exception>(() => model.SaveReport(_folder.At("report.html")));

        CollectionAssert.AreEqual(new[] { "report.html" }, Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void A_model_without_a_network_is_refused()
    {
        var other = _ml.Transforms.CopyColumns("B", "Label").Fit(_ml.Keyed(TinyImages.Floats(3)));

        var error = Assert.ThrowsExactly<InvalidOperationException>(() => other.SaveReport(_folder.At("report.html")));

        Assert.Contains("holds no network of this library", error.Message);
    }

    private static ImageClassificationOptions Options(int epochs)
    {
        var options = TinyImages.Options();
        options.Epoch = epochs;
        return options;
    }

    private ImageClassificationTransformer Fit(int epochs, int images) => new TinyTrainer(Options(epochs)).Fit(_ml.Keyed(TinyImages.Floats(images)));

    private Page Save(ITransformer model, IDataView? test, IDataView? training = null)
    {
        model.SaveReport(_folder.At("report.html"), test, training);
        return Page.Read(_folder.At("report.html"));
    }

    private static string Words(Page page) => string.Join(' ', page.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Replace("\u00a0", " ");

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %");

    private sealed class NamedImage
    {
        public string Name { get; set; } = "";

        public string ImagePath { get; set; } = "";

        [VectorType(3, TinyImages.Side, TinyImages.Side)]
        public float[] Features { get; set; } = [];
    }
}
