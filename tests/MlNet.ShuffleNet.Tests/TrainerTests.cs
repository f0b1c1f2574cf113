using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification;

namespace MlNet.ShuffleNet.Tests;

[TestClass]
public sealed class TrainerTests
{
    [TestMethod]
    public void A_pipeline_learns_to_tell_images_apart_and_comes_back_bit_by_bit_in_a_fresh_process()
    {
        var ml = new MLContext(seed: 1);
        var before = LiveTensors.Count();
        var epochs = new List<EpochMetrics>();
        var options = Options();
        options.MetricsCallback = epochs.Add;
        options.LabelColumnName = "Class";
        var training = ml.Keyed(TinyImages.Floats(60));
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Class", "ClassName")
            .Append(ml.MulticlassClassification.Trainers.ShuffleNetV1(options))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedName", "PredictedLabel"));
        using var folder = new TempFolder();
        var path = folder.At("model.zip");
        using (var model = pipeline.Fit(training))
        {
            Assert.IsLessThan(0.7 * epochs[0].Loss, epochs[^1].Loss);
            var images = ml.Keyed(TinyImages.Floats(30, first: 1000));
            var names = images.GetColumn<string>("ClassName");
            var right = model.Transform(images).GetColumn<string>("PredictedName").Zip(names, (predicted, name) => predicted == name).Count(same => same);
            Assert.IsGreaterThanOrEqualTo(28, right, "of 30");

            ml.Model.Save(model, training.Schema, path);
            var scores = model.Transform(images).GetColumn<float[]>("Score").SelectMany(score => score).Select(BitConverter.SingleToInt32Bits).ToArray();
            CollectionAssert.AreEqual(scores, FreshProcess.Score(path, 30).SelectMany(bits => bits).ToArray());
        }

        // A convolution and 16 units of three, each with a batch norm of two, and the linear layer of two.
        LiveTensors.AssertNoneLeft(before, networks: 2, parametersOfNetwork: ((1 + (16 * 3)) * 3) + 2);
    }

    [TestMethod]
    public void Options_reach_the_network_through_every_constructor_and_the_log_its_context()
    {
        var options = Options();
        (options.Groups, options.WidthMultiplier, options.Stem, options.ChannelShuffle) = (8, 1.5, ShuffleNetStem.Strided, ChannelShuffleOrder.Authors);
        const string expected = "Training shufflenetv1 g8 1.5x stem=strided shuffle=authors on 6 images";

        Assert.Contains(expected, LoggedTraining.Of(options, ml => new ShuffleNetV1Trainer(ml, options)));
        Assert.Contains(expected, LoggedTraining.Of(options, ml => ml.MulticlassClassification.Trainers.ShuffleNetV1(options)));
    }

    [TestMethod]
    public void The_table_of_options_agrees_with_the_code() =>
        OptionTable.AssertAgrees(nameof(ShuffleNetOptions), new ShuffleNetOptions(), declaredOnly: true, options => _ = new ShuffleNetV1Trainer(options));

    [TestMethod]
    public void Named_columns_reach_the_trainer()
    {
        var ml = new MLContext(seed: 1);
        var catalog = ml.MulticlassClassification.Trainers;
        Assert.Contains("'Pixels'", Assert.ThrowsExactly<InvalidOperationException>(() => catalog.ShuffleNetV1("Class", "Pixels").Fit(ml.Keyed(TinyImages.Floats(6)))).Message);
        Assert.Contains("both 'Same'",
            Assert.ThrowsExactly<ArgumentException>(() => catalog.ShuffleNetV1(scoreColumnName: "Same", predictedLabelColumnName: "Same")).Message);
    }

    [TestMethod]
    public void Trainers_without_options_have_the_defaults()
    {
        var defaults = new ShuffleNetOptions();
        Assert.AreEqual(
            (3, 1.0, ShuffleNetStem.Auto, ChannelShuffleOrder.Paper),
            (defaults.Groups, defaults.WidthMultiplier, defaults.Stem, defaults.ChannelShuffle));

        var withoutFeatures = new MLContext().Data.LoadFromEnumerable(new[] { new { Label = 1u } });
        Assert.Contains("'Features'", Assert.ThrowsExactly<InvalidOperationException>(() => new ShuffleNetV1Trainer().Fit(withoutFeatures)).Message);
    }

    [TestMethod]
    public void Unusable_options_are_refused_by_the_constructor()
    {
        Assert.StartsWith("Groups is 5; it must be one of 1, 2, 3, 4, 8.", Refused(new ShuffleNetOptions { Groups = 5 }));
        Assert.StartsWith(
            "WidthMultiplier is 0.75; with 3 groups the width must be one of 0.25, 0.5, 1, 1.5, 2, so that a quarter of each unit's " +
            "channels divides into the groups.", Refused(new ShuffleNetOptions { WidthMultiplier = 0.75 }));
        Assert.StartsWith(
            "WidthMultiplier is 0.5; with 4 groups the width must be one of 1, 2, so that", Refused(new ShuffleNetOptions { Groups = 4, WidthMultiplier = 0.5 }));
        Assert.Contains("Stem is 9", Refused(new ShuffleNetOptions { Stem = (ShuffleNetStem)9 }));
        Assert.Contains("ChannelShuffle is 9", Refused(new ShuffleNetOptions { ChannelShuffle = (ChannelShuffleOrder)9 }));
        Assert.Contains("Epoch is 0", Refused(new ShuffleNetOptions { Epoch = 0 }));

        static string Refused(ShuffleNetOptions options) => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ShuffleNetV1Trainer(options)).Message;
    }

    [TestMethod]
    public void Images_too_small_for_the_stem_are_refused_by_fit()
    {
        var ml = new MLContext();
        var options = Options();
        options.Stem = ShuffleNetStem.ImageNet;
        var error = Assert.ThrowsExactly<ArgumentException>(() => new ShuffleNetV1Trainer(options).Fit(ml.Keyed(TinyImages.Floats(6))));
        Assert.Contains("at least 32", error.Message);
    }

    private static ShuffleNetOptions Options()
    {
        var options = TinyImages.Options<ShuffleNetOptions>(epochs: 8, batchSize: 12, learningRate: 0.02);
        options.WidthMultiplier = 0.5;
        return options;
    }
}
