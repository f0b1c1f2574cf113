using Microsoft.ML;
using MlNet.ImageClassification;

namespace MlNet.ResNet.Tests;

[TestClass]
public sealed class TrainerTests
{
    private static readonly Dictionary<int, Func<MLContext, ResNetOptions, IEstimator<ImageClassificationTransformer>[]>> Trainers = new()
    {
        [18] = (ml, options) => [new ResNet18Trainer(ml, options), ml.MulticlassClassification.Trainers.ResNet18(options)],
        [34] = (ml, options) => [new ResNet34Trainer(ml, options), ml.MulticlassClassification.Trainers.ResNet34(options)],
        [50] = (ml, options) => [new ResNet50Trainer(ml, options), ml.MulticlassClassification.Trainers.ResNet50(options)],
        [101] = (ml, options) => [new ResNet101Trainer(ml, options), ml.MulticlassClassification.Trainers.ResNet101(options)],
        [152] = (ml, options) => [new ResNet152Trainer(ml, options), ml.MulticlassClassification.Trainers.ResNet152(options)],
    };

    [TestMethod]
    public void A_trained_network_tells_new_images_apart_and_comes_back_from_a_file()
    {
        var ml = new MLContext(seed: 1);
        var before = LiveTensors.Count();
        var pipeline = ml.MulticlassClassification.Trainers.ResNet18(Options());
        using (var model = pipeline.Fit(ml.Keyed(TinyImages.Floats(60))))
        {
            Assert.AreEqual("resnet18 v1.5 stem=cifar", model.Architecture);
            var predictions = ml.Predict(model, 30);
            Assert.IsGreaterThanOrEqualTo(28, predictions.Count(prediction => prediction.IsRight()), "of 30");

            using var file = new MemoryStream();
            ml.Model.Save(model, null, file);
            file.Position = 0;
            var loaded = new MLContext().Model.Load(file, out _);
            var again = ml.Predict(loaded, 30);
            for (var i = 0; i < predictions.Length; i++)
                CollectionAssert.AreEqual(predictions[i].Scores, again[i].Scores);
            ((IDisposable)loaded).Dispose();
        }

        // 20 convolutions, each with a batch norm of two, and the linear layer of two.
        LiveTensors.AssertNoneLeft(before, networks: 3, parametersOfNetwork: (20 * 3) + 2);
    }

    [TestMethod]
    [DataRow(18)]
    [DataRow(34)]
    [DataRow(50)]
    [DataRow(101)]
    [DataRow(152)]
    public void Each_trainer_builds_the_network_its_name_and_options_say_and_logs_to_its_context(int depth)
    {
        var options = Options();
        (options.Stem, options.Version, options.ZeroInitResidual) = (ResNetStem.ImageNet, ResNetVersion.V1, true);

        for (var i = 0; i < 2; i++)
        {
            StringAssert.Contains(
                LoggedTraining.Of(options, ml => Trainers[depth](ml, options)[i]),
                $"Training resnet{depth} v1 stem=imagenet zero-init-residual on 6 images");
        }
    }

    [TestMethod]
    public void Two_rows_more_than_a_batch_do_not_wreck_the_network()
    {
        // 8 x 8 pixels are 1 x 1 in the last layers: a batch normalization over two rows would be one over two numbers.
        var ml = new MLContext(seed: 1);
        var options = TinyImages.Options<ResNetOptions>(epochs: 1, batchSize: 16, learningRate: 0.05);
        options.Seed = 2;
        options.ValidationSet = ml.Keyed(TinyImages.Floats(12, first: 500));

        using var model = new ResNet18Trainer(options).Fit(ml.Keyed(TinyImages.Floats(18)));

        Assert.IsTrue(double.IsFinite(model.Report!.Epochs[0].ValidationLoss!.Value));
    }

    [TestMethod]
    public void Finite_weights_that_score_NaN_are_a_divergence()
    {
        // One step at this rate takes the weights so far that the layers, one after the other, go beyond float32.
        var options = TinyImages.Options<ResNetOptions>(epochs: 1, batchSize: 8, learningRate: 100);
        options.Recipe = options.Recipe with { WarmupEpochs = 0 };

        var exception = Assert.ThrowsExactly<InvalidOperationException>(
            () => new ResNet18Trainer(options).Fit(new MLContext(seed: 1).Keyed(TinyImages.Floats(8))));

        Assert.StartsWith("The training diverged: scores became infinite or NaN in epoch 1. Lower LearningRate (100)", exception.Message);
    }

    [TestMethod]
    public void The_table_of_options_agrees_with_the_code() =>
        OptionTable.AssertAgrees(nameof(ResNetOptions), new ResNetOptions(), declaredOnly: true, options => _ = new ResNet50Trainer(options));

    [TestMethod]
    public void Named_columns_reach_the_trainer()
    {
        var ml = new MLContext(seed: 1);
        var catalog = ml.MulticlassClassification.Trainers;
        IEstimator<ImageClassificationTransformer>[] trainers =
        [
            catalog.ResNet18("Class", "Pixels"),
            catalog.ResNet34("Class", "Pixels"),
            catalog.ResNet50("Class", "Pixels"),
            catalog.ResNet101("Class", "Pixels"),
            catalog.ResNet152("Class", "Pixels"),
        ];
        foreach (var trainer in trainers)
            StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => trainer.Fit(ml.Keyed(TinyImages.Floats(6)))).Message, "'Pixels'");

        var error = Assert.ThrowsExactly<ArgumentException>(() => catalog.ResNet50(scoreColumnName: "Same", predictedLabelColumnName: "Same"));
        StringAssert.Contains(error.Message, "both 'Same'");
    }

    [TestMethod]
    public void Trainers_without_options_have_the_defaults()
    {
        var defaults = new ResNetOptions();
        Assert.AreEqual((ResNetStem.Auto, ResNetVersion.V1_5, false), (defaults.Stem, defaults.Version, defaults.ZeroInitResidual));

        var withoutFeatures = new MLContext().Data.LoadFromEnumerable(new[] { new { Label = 1u } });
        IEstimator<ImageClassificationTransformer>[] trainers =
            [new ResNet18Trainer(), new ResNet34Trainer(), new ResNet50Trainer(), new ResNet101Trainer(), new ResNet152Trainer()];
        foreach (var trainer in trainers)
            StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => trainer.Fit(withoutFeatures)).Message, "'Features'");
    }

    [TestMethod]
    public void Unusable_options_are_refused_by_the_constructor()
    {
        StringAssert.Contains(Refused(new ResNetOptions { Stem = (ResNetStem)9 }), "Stem is 9");
        StringAssert.Contains(Refused(new ResNetOptions { Version = (ResNetVersion)9 }), "Version is 9");
        StringAssert.Contains(Refused(new ResNetOptions { Epoch = 0 }), "Epoch is 0");

        static string Refused(ResNetOptions options) => Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ResNet50Trainer(options)).Message;
    }

    [TestMethod]
    public void Images_too_small_for_the_stem_are_refused_by_fit()
    {
        var ml = new MLContext();
        var options = Options();
        options.Stem = ResNetStem.ImageNet;
        var error = Assert.ThrowsExactly<ArgumentException>(() => new ResNet18Trainer(options).Fit(ml.Keyed(TinyImages.Floats(6))));
        StringAssert.Contains(error.Message, "at least 32");
    }

    // A low rate without warm-up: whatever the seed (12 were tried), all 30 new images are told apart, so that the rounding of
    // another processor cannot tip the result.
    private static ResNetOptions Options()
    {
        var options = TinyImages.Options<ResNetOptions>(epochs: 8, batchSize: 12, learningRate: 0.01);
        options.Recipe = options.Recipe with { WarmupEpochs = 0 };
        return options;
    }
}
