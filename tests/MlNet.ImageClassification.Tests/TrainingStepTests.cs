using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

/// <summary>What a step makes small, what counts in it, and how large batches pass through it.</summary>
[TestClass]
public sealed class TrainingStepTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void The_losses_of_an_image_are_as_their_formulas_have_them()
    {
        using var scope = NewDisposeScope();
        // Softmax probabilities 1/8, 3/8, 4/8; sigmoids 1/2, 3/4, 4/5.
        var logits = tensor(new[] { 0f, MathF.Log(3), MathF.Log(4) }).reshape(1, 3);
        var label = tensor(new[] { 1L });
        double[] softmax = [-Math.Log(1 / 8.0), -Math.Log(3 / 8.0), -Math.Log(4 / 8.0)];
        double[] right = [-Math.Log(1 / 2.0), -Math.Log(3 / 4.0), -Math.Log(4 / 5.0)];
        double[] wrong = [-Math.Log(1 / 2.0), -Math.Log(1 / 4.0), -Math.Log(1 / 5.0)];
        foreach (double smoothing in new[] { 0, 0.3 })
        {
            // A tenth of the smoothing for each class.
            double[] target = [smoothing / 3, 1 - smoothing + smoothing / 3, smoothing / 3];
            Assert.AreEqual(
                target.Zip(softmax, (t, loss) => t * loss).Sum(),
                Loss.PerImage(LossFunction.SoftmaxCrossEntropy, logits, label, smoothing).item<float>(), 1e-6);
            Assert.AreEqual(
                Enumerable.Range(0, 3).Sum(c => target[c] * right[c] + (1 - target[c]) * wrong[c]),
                Loss.PerImage(LossFunction.SigmoidCrossEntropy, logits, label, smoothing).item<float>(), 1e-6);
        }
    }

    [TestMethod]
    public void Sigmoid_losses_train_a_network()
    {
        var options = TinyImages.Options();
        options.Recipe = options.Recipe with { Loss = LossFunction.SigmoidCrossEntropy };
        using var model = Fit(options, TinyImages.Floats(90));
        Assert.AreEqual(60, _ml.Predict(model, 60).Count(p => p.IsRight()));
    }

    [TestMethod]
    public void Parts_of_a_batch_cover_it_evenly()
    {
        CollectionAssert.AreEqual(new[] { (0, 16) }, TrainingStep.MicroBatches(16, null).ToArray());
        CollectionAssert.AreEqual(new[] { (0, 16) }, TrainingStep.MicroBatches(16, 16).ToArray());
        CollectionAssert.AreEqual(new[] { (0, 5), (5, 5), (10, 6) }, TrainingStep.MicroBatches(16, 7).ToArray());
    }

    // The variance of one value is no number, and a batch norm keeps it.
    [TestMethod]
    public void No_part_of_a_batch_is_a_single_image()
    {
        CollectionAssert.AreEqual(new[] { (0, 3) }, TrainingStep.MicroBatches(3, 2).ToArray());
        CollectionAssert.AreEqual(new[] { (0, 2), (2, 2), (4, 3) }, TrainingStep.MicroBatches(7, 2).ToArray());
        CollectionAssert.AreEqual(new[] { (0, 2), (2, 2) }, TrainingStep.MicroBatches(4, 3).ToArray());
        for (int count = 2; count <= 40; count++)
            for (int size = 2; size <= 41; size++)
            {
                var parts = TrainingStep.MicroBatches(count, size).Select(part => part.Count).ToArray();
                Assert.AreEqual(count, parts.Sum());
                Assert.IsTrue(parts.All(part => part >= 2 && (part <= size || size == 2 && part == 3)), $"{count} in parts of {size}: {string.Join(", ", parts)}");
            }
    }

    [TestMethod]
    public void The_gradients_of_parts_add_up_to_those_of_the_batch()
    {
        var options = TinyImages.Options();
        // Batch norms that keep their statistics do not see that there are parts.
        options.Recipe = options.Recipe with { FreezeNormStatistics = true, Augmentation = AugmentationOptions.None };
        options.ExampleWeightColumnName = nameof(WeightedImage.Weight);
        var images = Weighted(i => i % 2 + 1);
        using var whole = Fit(options, images);
        options.MicroBatchSize = 5;
        using var parts = Fit(options, images);

        Assert.AreEqual(whole.Report!.Epochs[3].Loss, parts.Report!.Epochs[3].Loss, 1e-5);
        ScoreAssert.AreSame(_ml.Predict(whole, 30), _ml.Predict(parts, 30), 1e-5f);
    }

    [TestMethod]
    public void Rows_count_as_much_as_their_weights_say()
    {
        double all = FirstLoss(_ => 1);

        Assert.AreEqual(2 * all, FirstLoss(_ => 2), 1e-5);
        double[] alone = [.. Enumerable.Range(0, 3).Select(label => FirstLoss(i => i % 3 == label ? 1 : 0))];
        Assert.AreEqual(all, alone.Sum(), 1e-5);
        Assert.IsTrue(alone.All(loss => loss > 0));

        double FirstLoss(Func<int, float> weight)
        {
            var options = OneStep();
            options.ExampleWeightColumnName = nameof(WeightedImage.Weight);
            using var model = Fit(options, Weighted(weight));
            return model.Report!.Epochs[0].Loss;
        }
    }

    [TestMethod]
    public void Classes_count_as_much_as_their_weights_say()
    {
        // Images 0, 3, 6, ... are red, and so on: of 30 images half of the green and most of the blue ones are left out.
        var images = TinyImages.Floats(30).Where((_, i) => i % 3 == 0 || (i % 3 == 1 && i < 15) || i == 2).ToArray();
        double none = Loss(null);

        double balanced = Loss(ClassWeights.Balanced);
        double given = Loss(Named(16 / 30.0, 16 / 15.0, 16 / 3.0));
        double doubled = Loss(Named(2, 2, 2));

        CollectionAssert.AreEqual(
            new[] { 16 / 30.0, 16 / 15.0, 16 / 3.0 }, ClassWeights.Balanced.For(KeyNames.None, 3, images.Select(image => (int)image.Label)));
        Assert.AreEqual(balanced, given, 1e-6);
        Assert.AreEqual(2 * none, doubled, 1e-5);
        Assert.AreNotEqual(none, balanced, 1e-3);

        double Loss(ClassWeights? weights)
        {
            var options = OneStep();
            options.ClassWeights = weights;
            var keyed = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(FloatImage.ClassName)).Fit(_ml.Keyed(images)).Transform(_ml.Keyed(images));
            using var model = new TinyTrainer(options, _ml).Fit(keyed);
            return model.Report!.Epochs[0].Loss;
        }
    }

    [TestMethod]
    public void A_class_without_weight_is_never_predicted()
    {
        var options = TinyImages.Options();
        options.ClassWeights = Named(1, 0, 1);
        var rows = _ml.Keyed(TinyImages.Floats(90));
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(FloatImage.ClassName)).Fit(rows).Transform(rows);
        using var model = new TinyTrainer(options, _ml).Fit(keyed);

        Assert.AreEqual(0, _ml.Predict(model, 60).Count(prediction => prediction.PredictedLabel == 2));
    }

    [TestMethod]
    public void A_class_without_rows_does_not_disturb_the_balance() =>
        CollectionAssert.AreEqual(new[] { 2 / 3.0, 1, 2 }, ClassWeights.Balanced.For(KeyNames.None, 3, [0, 0, 0, 2]));

    [TestMethod]
    public void Weights_of_classes_that_are_not_there_are_refused()
    {
        var options = OneStep();
        options.ClassWeights = ClassWeights.Of(new Dictionary<string, double> { ["purple"] = 2 });
        var rows = _ml.Keyed(TinyImages.Floats(9));
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label", nameof(FloatImage.ClassName)).Fit(rows).Transform(rows);

        Assert.AreEqual(
            "ClassWeights has 'purple', which is no class of the label; the classes are red, green, blue.",
            Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(options, _ml).Fit(keyed)).Message);
        Assert.AreEqual(
            "ClassWeights has 'purple', which is no class of the label; its keys stand for no values.",
            Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(options, _ml).Fit(rows)).Message);
        Assert.Contains(
            "ClassWeights['red'] is -1; it must be a finite number, 0 or more.",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ClassWeights.Of(new Dictionary<string, double> { ["red"] = -1 })).Message);
        options.ClassWeights = Named(0, 0, 0);
        Assert.AreEqual(
            "ClassWeights is 0 for the class of every row, so that none is left to train on.",
            Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(options, _ml).Fit(keyed)).Message);
    }

    [TestMethod]
    [DataRow(-1f, "-1")]
    [DataRow(float.NaN, "NaN")]
    [DataRow(float.PositiveInfinity, "Infinity")]
    public void A_weight_that_no_row_can_have_is_refused_with_its_row(float weight, string text)
    {
        var options = OneStep();
        options.ExampleWeightColumnName = nameof(WeightedImage.Weight);

        Assert.AreEqual(
            $"The weight in column 'Weight' of row 7 is {text}; a weight is a finite number, 0 or more.",
            Assert.ThrowsExactly<InvalidOperationException>(() => Fit(options, Weighted(i => i == 7 ? weight : 1)).Dispose()).Message);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(0.25)]
    public void Rows_none_of_which_counts_are_refused(double heldOut)
    {
        var options = OneStep();
        options.ExampleWeightColumnName = nameof(WeightedImage.Weight);
        options.ValidationSetFraction = heldOut;

        Assert.AreEqual(
            "Every row to train on has the weight 0 in column 'Weight', so that none is left to train on.",
            Assert.ThrowsExactly<InvalidOperationException>(() => Fit(options, Weighted(_ => 0)).Dispose()).Message);
        options.ClassWeights = ClassWeights.Balanced;
        Assert.AreEqual(
            "Every row to train on has the weight 0 in column 'Weight' or in ClassWeights, so that none is left to train on.",
            Assert.ThrowsExactly<InvalidOperationException>(() => Fit(options, Weighted(_ => 0)).Dispose()).Message);
    }

    [TestMethod]
    public void A_weight_column_must_be_there_and_hold_singles()
    {
        var options = OneStep();
        options.ExampleWeightColumnName = "Weights";
        Assert.StartsWith(
            "There is no column 'Weights' for the weights of the rows; the columns are ",
            Assert.ThrowsExactly<InvalidOperationException>(() => Fit(options, TinyImages.Floats(9))).Message);
        options.ExampleWeightColumnName = nameof(FloatImage.ClassName);
        Assert.AreEqual(
            "Column 'ClassName' of the weights of the rows is String; expected Single. Put " +
            "mlContext.Transforms.Conversion.ConvertType(\"ClassName\", outputKind: DataKind.Single) before the trainer.",
            Assert.ThrowsExactly<InvalidOperationException>(() => Fit(options, TinyImages.Floats(9))).Message);
    }

    [TestMethod]
    public void The_average_of_the_weights_follows_its_recurrence()
    {
        using var network = new TinyFamily().Create("tiny2", new ImageShape(3, 8, 8), 3);
        using var noGrad = no_grad();
        Fill(2);
        using var average = new WeightAverage(network, decay: 0.3);
        double expected = 2;
        for (int step = 1; step <= 6; step++)
        {
            Fill(10 * step);
            average.OnStepEnd();
            // 2/11, 3/12, 4/13, then 0.3.
            double decay = Math.Min(0.3, (1.0 + step) / (10 + step));
            expected = decay * expected + (1 - decay) * 10 * step;
        }

        foreach (var tensor in average.Network.state_dict().Values)
            Assert.AreEqual(tensor.is_floating_point() ? expected : 60, tensor.detach().to_type(ScalarType.Float64).mean().item<double>(), 1e-5);

        void Fill(double value)
        {
            foreach (var tensor in network.state_dict().Values)
                tensor.fill_(value);
        }
    }

    [TestMethod]
    public void The_average_of_the_weights_is_what_is_validated_and_kept()
    {
        var options = TinyImages.Options();
        options.ValidationSet = _ml.Keyed(TinyImages.Floats(30, first: 500));
        using var plain = Fit(options, TinyImages.Floats(90));
        options.Recipe = options.Recipe with { WeightAverageDecay = 0.9 };
        using var averaged = Fit(options, TinyImages.Floats(90));

        double loss = _ml.Predict(averaged, 30, first: 500).Average(p => -Math.Log(p.Scores[(int)p.Id % 3]));
        Assert.AreEqual(averaged.Report!.Epochs[averaged.Report.BestEpoch - 1].ValidationLoss!.Value, loss, 1e-4);
        // The training itself does not know of it.
        Assert.AreEqual(plain.Report!.Epochs[3].Loss, averaged.Report.Epochs[3].Loss, TestDevice.Tolerance);
        Assert.AreNotEqual(plain.Report.Epochs[3].ValidationLoss, averaged.Report.Epochs[3].ValidationLoss);
    }

    private static ClassWeights Named(double red, double green, double blue) =>
        ClassWeights.Of(new Dictionary<string, double> { ["red"] = red, ["green"] = green, ["blue"] = blue });

    /// <summary>One step over all rows, whose loss is that of the random weights.</summary>
    private static ImageClassificationOptions OneStep()
    {
        var options = TinyImages.Options();
        (options.Epoch, options.BatchSize) = (1, 128);
        return options;
    }

    private static WeightedImage[] Weighted(Func<int, float> weight) =>
        [.. TinyImages.Floats(30).Select((image, i) => new WeightedImage { Label = image.Label, Features = image.Features, Weight = weight(i) })];

    private ImageClassificationTransformer Fit<T>(ImageClassificationOptions options, T[] images)
        where T : class => new TinyTrainer(options, _ml).Fit(_ml.Data.LoadFromEnumerable(images));

    private sealed class WeightedImage
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(3, TinyImages.Side, TinyImages.Side)]
        public float[] Features { get; set; } = [];

        public float Weight { get; set; }
    }
}
