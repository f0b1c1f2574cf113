using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class TestTimeAugmentationTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void The_views_are_the_image_moved_and_mirrored()
    {
        using var scope = NewDisposeScope();
        var images = tensor([1f, 2f, 3f, 4f], [1, 1, 2, 2]);

        CollectionAssert.AreEqual(new[] { "1 2 3 4" }, Views(TestTimeAugmentation.None));
        CollectionAssert.AreEqual(new[] { "1 2 3 4", "2 1 4 3" }, Views(TestTimeAugmentation.Flip));
        CollectionAssert.AreEqual(
            new[] { "1 2 3 4", "2 1 4 3", "0 0 1 2", "0 0 2 1", "3 4 0 0", "4 3 0 0", "0 1 0 3", "1 0 3 0", "2 0 4 0", "0 2 0 4" },
            Views(TestTimeAugmentation.FlipAndShift));

        string[] Views(TestTimeAugmentation augmentation) =>
            [.. augmentation.Views(images).Select(view => string.Join(' ', view.contiguous().data<float>().ToArray()))];
    }

    [TestMethod]
    public void A_score_is_the_mean_of_those_of_the_image_and_its_mirror_image()
    {
        using var model = Fit(TestTimeAugmentation.None);
        var images = TinyImages.Floats(40, first: 1000);
        float[][] plain = Scores(model, images), mirrored = Scores(model, [.. images.Select(Mirror)]);

        model.TestTimeAugmentation = TestTimeAugmentation.Flip;

        float[][] averaged = Scores(model, images);
        for (int i = 0; i < images.Length; i++)
            for (int c = 0; c < 3; c++)
                Assert.AreEqual((plain[i][c] + mirrored[i][c]) / 2, averaged[i][c], 1e-6f);
        // So an image and its mirror image score alike, which they do not without.
        AssertScores(averaged, Scores(model, [.. images.Select(Mirror)]), 1e-6f);
        Assert.IsGreaterThan(1e-4f, plain.Zip(mirrored).Max(pair => Math.Abs(pair.First[0] - pair.Second[0])));
    }

    [TestMethod]
    [DataRow(TestTimeAugmentation.Flip)]
    [DataRow(TestTimeAugmentation.FlipAndShift)]
    public void Single_rows_score_as_batches_do(TestTimeAugmentation augmentation)
    {
        using var model = Fit(augmentation);
        var images = TinyImages.Floats(200, first: 1000);
        using var engine = _ml.Model.CreatePredictionEngine<FloatImage, Prediction>(model, new PredictionEngineOptions { OwnsTransformer = false });

        float[][] single = [.. images.Select(image => engine.Predict(image).Scores.ToArray())];

        AssertScores(Scores(model, images), single, 1e-6f);
        foreach (float[] scores in single)
            Assert.AreEqual(1f, scores.Sum(), 1e-5f);
    }

    [TestMethod]
    public void It_is_saved_with_the_model_whichever_way_it_was_set()
    {
        using var folder = new TempFolder();
        using var model = Fit(TestTimeAugmentation.Flip);
        var images = TinyImages.Floats(20, first: 1000);
        foreach (var augmentation in Enum.GetValues<TestTimeAugmentation>())
        {
            if (augmentation != TestTimeAugmentation.None)
                model.TestTimeAugmentation = augmentation;
            string path = folder.At($"{augmentation}.zip");
            _ml.Model.Save(model, _ml.Keyed(images).Schema, path);

            using var loaded = (ImageClassificationTransformer)_ml.Model.Load(path, out _);

            Assert.AreEqual(model.TestTimeAugmentation, loaded.TestTimeAugmentation);
            AssertScores(Scores(model, images), Scores(loaded, images), 0);
        }
    }

    [TestMethod]
    public void Validation_sees_the_images_alone()
    {
        using var plain = Fit(TestTimeAugmentation.None);
        using var augmented = Fit(TestTimeAugmentation.FlipAndShift);

        CollectionAssert.AreEqual(
            plain.Report!.Epochs.Select(epoch => epoch.ValidationLoss).ToArray(),
            augmented.Report!.Epochs.Select(epoch => epoch.ValidationLoss).ToArray());
    }

    [TestMethod]
    public void A_value_without_a_name_is_refused()
    {
        using var model = Fit(TestTimeAugmentation.None);

        Assert.StartsWith(
            "TestTimeAugmentation is 9; it must be one of None, Flip, FlipAndShift.",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.TestTimeAugmentation = (TestTimeAugmentation)9).Message);
        Assert.AreEqual(TestTimeAugmentation.None, model.TestTimeAugmentation);
    }

    private ImageClassificationTransformer Fit(TestTimeAugmentation augmentation)
    {
        var options = TinyImages.Options();
        (options.Epoch, options.ValidationSetFraction, options.TestTimeAugmentation) = (2, 0.2, augmentation);
        return new TinyTrainer(options).Fit(_ml.Keyed(TinyImages.Floats(60)));
    }

    private float[][] Scores(ITransformer model, FloatImage[] images) =>
        [.. _ml.Data.CreateEnumerable<Prediction>(model.Transform(_ml.Keyed(images)), reuseRowObject: false).Select(p => p.Scores)];

    private static FloatImage Mirror(FloatImage image) => new()
    {
        Id = image.Id,
        Label = image.Label,
        Features = [.. image.Features.Chunk(TinyImages.Side).SelectMany(row => row.Reverse())],
    };

    private static void AssertScores(float[][] expected, float[][] actual, float tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            for (int c = 0; c < 3; c++)
                Assert.AreEqual(expected[i][c], actual[i][c], tolerance, $"image {i}");
    }
}
