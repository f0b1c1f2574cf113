using Microsoft.ML;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class OptionsTests
{
    [TestMethod]
    [DataRow("Epoch", 0, "Epoch is 0; it must be at least 1.")]
    [DataRow("BatchSize", 0, "BatchSize is 0; it must be at least 2")]
    [DataRow("BatchSize", 1, "BatchSize is 1; it must be at least 2")]
    [DataRow("LearningRate", 0.0, "LearningRate is 0; it must be above 0 and at most 100, or null.")]
    [DataRow("LearningRate", double.NaN, "LearningRate is NaN; it must be above 0 and at most 100, or null.")]
    [DataRow("ValidationSetFraction", 1.0, "ValidationSetFraction is 1; it must be at least 0 and below 1.")]
    [DataRow("PixelMemoryMegabytes", 0, "PixelMemoryMegabytes is 0; it must be at least 1, or null.")]
    [DataRow("Precision", (ComputePrecision)9, "Precision is 9; it must be one of Auto, Float32, BFloat16, Float16.")]
    [DataRow("Resume", (ResumeMode)9, "Resume is 9; it must be one of Auto, Never, Required, FromWeights.")]
    [DataRow("Resume", ResumeMode.Required, "Resume is Required; it needs a WorkspacePath that has a checkpoint.")]
    [DataRow("OnDivergence", (DivergencePolicy)9, "OnDivergence is 9; it must be one of ReturnBest, Fail.")]
    [DataRow("BadImages", (BadImagePolicy)9, "BadImages is 9; it must be one of Fail, Skip.")]
    [DataRow("FeatureColumnName", " ", "FeatureColumnName is empty; it must be the name of a column.")]
    [DataRow("LabelColumnName", "", "LabelColumnName is empty; it must be the name of a column.")]
    [DataRow("ScoreColumnName", "", "ScoreColumnName is empty; it must be the name of a column.")]
    [DataRow("PredictedLabelColumnName", "", "PredictedLabelColumnName is empty; it must be the name of a column.")]
    [DataRow("PredictedLabelColumnName", "Score", "ScoreColumnName and PredictedLabelColumnName are both 'Score'")]
    [DataRow("ScoreColumnName", "Features", "FeatureColumnName and ScoreColumnName are both 'Features'; the output would hide the images")]
    [DataRow("ScoreColumnName", "Label", "LabelColumnName and ScoreColumnName are both 'Label'; the output would hide the label")]
    [DataRow("PredictedLabelColumnName", "Label", "LabelColumnName and PredictedLabelColumnName are both 'Label'; the output would")]
    [DataRow("PredictedLabelColumnName", "Features", "FeatureColumnName and PredictedLabelColumnName are both 'Features'; the output would")]
    [DataRow("WorkspacePath", " ", "WorkspacePath is empty; it must name a folder, or be null")]
    public void An_unusable_option_is_refused_by_name_when_the_trainer_is_made(string option, object value, string message)
    {
        var options = new ImageClassificationOptions();
        typeof(ImageClassificationOptions).GetProperty(option)!.SetValue(options, value);

        var exception = Assert.Throws<ArgumentException>(() => new TinyTrainer(options));

        Assert.StartsWith(message, exception.Message);
        Assert.AreEqual(option, exception.ParamName);
    }

    public static IEnumerable<(Func<TrainingRecipe, TrainingRecipe> Change, string Message)> UnusableRecipes =>
    [
        (recipe => recipe with { Optimizer = null! }, "Optimizer is null; leave it at its default or give it a value."),
        (recipe => recipe with { Optimizer = new SgdOptimizer { Momentum = 1 } }, "Momentum is 1; it must be at least 0 and below 1."),
        (recipe => recipe with { Optimizer = new SgdOptimizer { WeightDecay = -0.1 } }, "WeightDecay is -0.1; it must be between 0 and 1."),
        (recipe => recipe with { Optimizer = new AdamOptimizer { Beta1 = -1 } }, "Beta1 is -1; it must be at least 0 and below 1."),
        (recipe => recipe with { Optimizer = new AdamWOptimizer { Beta2 = 1 } }, "Beta2 is 1; it must be at least 0 and below 1."),
        (recipe => recipe with { Schedule = LearningRateSchedule.Step(0) }, "Schedule is 0; a step schedule needs at least 1 epoch between two changes."),
        (recipe => recipe with { Schedule = LearningRateSchedule.Step(1, 1.5) }, "Schedule is 1.5; the factor of a schedule must be above 0 and below 1."),
        (recipe => recipe with { Schedule = LearningRateSchedule.Exponential(0) }, "Schedule is 0; the factor of a schedule must be above 0 and below 1."),
        (recipe => recipe with { Schedule = LearningRateSchedule.Polynomial(0) }, "Schedule is 0; the power of a polynomial schedule must be above 0."),
        (recipe => recipe with { Schedule = LearningRateSchedule.OneCycle(riseShare: 1) }, "Schedule is 1; the rise of a cycle must be a share of the steps above 0 and below 1."),
        (recipe => recipe with { Schedule = LearningRateSchedule.OneCycle(initialDivisor: 0.5) }, "Schedule is 0.5; the divisors of a cycle must be at least 1."),
        (recipe => recipe with { Schedule = LearningRateSchedule.OneCycle(finalDivisor: double.NaN) }, "Schedule is NaN; the divisors of a cycle must be at least 1."),
        (recipe => recipe with { Schedule = LearningRateSchedule.OneCycle(), Optimizer = new AdagradOptimizer() }, "Schedule is OneCycle; it cycles the momentum, but Optimizer has none (AdagradOptimizer { WeightDecay = 0.0005 })"),
        (recipe => recipe with { Schedule = LearningRateSchedule.OneCycle(), Optimizer = new SgdOptimizer { Momentum = 0 } }, "Schedule is OneCycle; it cycles the momentum, but Optimizer has none (SgdOptimizer "),
        (recipe => recipe with { Schedule = LearningRateSchedule.ReduceOnPlateau(factor: 1) }, "Schedule is 1; the factor of a schedule must be above 0 and below 1."),
        (recipe => recipe with { Schedule = LearningRateSchedule.ReduceOnPlateau(patience: -1) }, "Schedule is -1; the patience with a plateau must be 0 epochs or more."),
        (recipe => recipe with { Schedule = LearningRateSchedule.ReduceOnPlateau(threshold: 1) }, "Schedule is 1; the threshold of a plateau must be at least 0 and below 1."),
        (recipe => recipe with { Schedule = LearningRateSchedule.ReduceOnPlateau() }, "Schedule is ReduceOnPlateau, but there are no rows to validate on; give ValidationSet or ValidationSetFraction."),
        (recipe => recipe with { Optimizer = new RmsPropOptimizer { Alpha = 1 } }, "Alpha is 1; it must be at least 0 and below 1."),
        (recipe => recipe with { LayerwiseLearningRateDecay = 0 }, "LayerwiseLearningRateDecay is 0; it must be above 0 and at most 1."),
        (recipe => recipe with { LayerwiseLearningRateDecay = 0.7, BackboneLearningRate = 0.1 }, "LayerwiseLearningRateDecay is 0.7; BackboneLearningRate is 0.1, and both say how fast the layers before the classifier learn: set one of them to 1."),
        (recipe => recipe with { WarmupEpochs = -1 }, "WarmupEpochs is -1; it must be a number of epochs, 0 or more."),
        (recipe => recipe with { LabelSmoothing = 1 }, "LabelSmoothing is 1; it must be at least 0 and below 1."),
        (recipe => recipe with { InitialImageScale = 0.2 }, "InitialImageScale is 0.2; it must be between 0.25 and 1 (the full size)."),
        (recipe => recipe with { InitialImageScale = double.NaN }, "InitialImageScale is NaN; it must be between 0.25 and 1 (the full size)."),
        (recipe => recipe with { Augmentation = new AugmentationOptions { CropPadding = -1 } }, "CropPadding is -1; it must be between 0 (no cropping) and 1024 pixels, or null."),
        (recipe => recipe with { Augmentation = new AugmentationOptions { Hue = 0.6 } }, "Hue is 0.6; it must be between 0 and 0.5."),
        (recipe => recipe with { Augmentation = new AugmentationOptions { RandAugmentMagnitude = 31 } }, "RandAugmentMagnitude is 31; it must be between 0 and 30."),
        (recipe => recipe with { Augmentation = new AugmentationOptions { MixupAlpha = double.NaN } }, "MixupAlpha is NaN; it must be between 0 and 10."),
    ];

    [TestMethod]
    [DynamicData(nameof(UnusableRecipes))]
    public void An_unusable_recipe_is_refused_by_name_when_the_trainer_is_made(Func<TrainingRecipe, TrainingRecipe> change, string message)
    {
        var options = new ImageClassificationOptions { Recipe = change(new TrainingRecipe()) };

        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => new TinyTrainer(options)).Message);
    }

    [TestMethod]
    public void Early_stopping_without_validation_is_refused()
    {
        var options = new ImageClassificationOptions { EarlyStoppingCriteria = new EarlyStopping() };

        Assert.StartsWith(
            "EarlyStoppingCriteria is given, but there are no rows to validate on", Assert.Throws<ArgumentException>(() => new TinyTrainer(options)).Message);
        options.ValidationSetFraction = 0.5;
        options.EarlyStoppingCriteria = new EarlyStopping { Patience = 0 };
        Assert.StartsWith("Patience is 0; it must be at least 1 epoch.", Assert.Throws<ArgumentException>(() => new TinyTrainer(options)).Message);
        options.EarlyStoppingCriteria = new EarlyStopping { MinDelta = double.NaN };
        Assert.StartsWith("MinDelta is NaN; it must be 0 or more.", Assert.Throws<ArgumentException>(() => new TinyTrainer(options)).Message);
    }

    [TestMethod]
    public void A_validation_set_and_a_fraction_exclude_each_other()
    {
        var options = new ImageClassificationOptions
        {
            ValidationSet = new MLContext().Data.LoadFromEnumerable(TinyImages.Floats(3)),
            ValidationSetFraction = 0.5,
        };

        var exception = Assert.Throws<ArgumentException>(() => new TinyTrainer(options));

        Assert.StartsWith("ValidationSet is given and ValidationSetFraction is 0.5; only one", exception.Message);
    }

    [TestMethod]
    [DataRow(32, 128)]
    [DataRow(96, 128)]
    [DataRow(97, 64)]
    [DataRow(128, 64)]
    [DataRow(224, 16)]
    [DataRow(512, 4)]
    [DataRow(4000, 2)]
    public void The_default_batch_shrinks_with_the_pixels_of_an_image(int side, int batchSize)
    {
        var options = new ImageClassificationOptions();
        Assert.AreEqual(batchSize, options.BatchSizeFor(new ImageShape(3, side, side)));

        options.BatchSize = 48;
        Assert.AreEqual(48, options.BatchSizeFor(new ImageShape(3, side, side)));
    }

    [TestMethod]
    [DataRow(16, 0.0125)]
    [DataRow(64, 0.05)]
    [DataRow(128, 0.1)]
    [DataRow(512, 0.1)]
    public void The_default_learning_rate_is_in_proportion_to_a_small_batch(int batchSize, double learningRate)
    {
        var options = new ImageClassificationOptions { BatchSize = batchSize, Epoch = 1, Recipe = new TrainingRecipe { WarmupEpochs = 0 } };
        var rates = new List<double>();
        options.Progress = new Direct<TrainingProgress>(progress => rates.Add(progress.LearningRate));
        new TinyTrainer(options).Fit(new MLContext().Data.LoadFromEnumerable(TinyImages.Floats(9))).Dispose();

        // The one step of the only epoch is the peak of the cosine.
        Assert.AreEqual(learningRate, rates.Single(), 1e-12);
    }

    [TestMethod]
    public void Options_changed_later_do_not_reach_the_trainer()
    {
        var options = TinyImages.Options();
        options.Epoch = 1;
        var trainer = new TinyTrainer(options);
        options.Epoch = 3;

        using var model = trainer.Fit(new MLContext().Data.LoadFromEnumerable(TinyImages.Floats(30)));

        Assert.HasCount(1, model.Report!.Epochs);
    }

    [TestMethod]
    [DataRow("auto", "auto")]
    [DataRow("CPU", "cpu")]
    [DataRow("cuda", "cuda:0")]
    [DataRow("cuda:3", "cuda:3")]
    public void A_device_is_read_from_its_name(string text, string name) =>
        Assert.AreEqual(name, ComputeDevice.Parse(text).ToString());

    [TestMethod]
    [DataRow("gpu")]
    [DataRow("cuda:-1")]
    [DataRow("cuda:x")]
    public void A_name_of_no_device_is_refused(string text)
    {
        var exception = Assert.ThrowsExactly<FormatException>(() => ComputeDevice.Parse(text));
        Assert.AreEqual($"'{text}' is no device; it must be auto, cpu, cuda or cuda:<number>.", exception.Message);
    }

    [TestMethod]
    public void A_CUDA_device_that_is_not_there_is_refused()
    {
        var options = TinyImages.Options();
        options.Device = ComputeDevice.Cuda(99);
        var trainer = new TinyTrainer(options);

        var exception = Assert.ThrowsExactly<InvalidOperationException>(
            () => trainer.Fit(new MLContext().Data.LoadFromEnumerable(TinyImages.Floats(3))));

        Assert.StartsWith("Device is cuda:99, but ", exception.Message);
    }

    [TestMethod]
    public void The_GPU_of_the_context_is_used_where_the_device_is_left_open()
    {
        var ml = new MLContext { GpuDeviceId = 99 };
        var options = TinyImages.Options();
        var images = ml.Data.LoadFromEnumerable(TinyImages.Floats(3));
        new TinyTrainer(options, ml).Fit(images).Dispose();

        options.Device = ComputeDevice.Auto;
        foreach (var trainer in new[] { new TinyTrainer(options, ml), new TinyTrainer(options, ml.MulticlassClassification.Trainers) })
        {
            var exception = Assert.ThrowsExactly<InvalidOperationException>(() => trainer.Fit(images));
            Assert.StartsWith("mlContext.GpuDeviceId is 99, but ", exception.Message);
            Assert.EndsWith("Set mlContext.FallbackToCpu to use the CPU where there is no such device.", exception.Message);
        }
    }

    [TestMethod]
    public void An_absent_GPU_of_the_context_falls_back_to_the_CPU_with_a_warning()
    {
        var ml = new MLContext { GpuDeviceId = 99, FallbackToCpu = true };
        var log = new List<string>();
        ml.Log += (_, e) => log.Add(e.RawMessage);
        var options = TinyImages.Options();
        options.Device = ComputeDevice.Auto;

        new TinyTrainer(options, ml.MulticlassClassification.Trainers).Fit(ml.Data.LoadFromEnumerable(TinyImages.Floats(3))).Dispose();

        Assert.ContainsSingle(
            message => message.StartsWith("mlContext.GpuDeviceId is 99, but ", StringComparison.Ordinal)
                && message.EndsWith(" The CPU is used.", StringComparison.Ordinal), log);
        Assert.ContainsSingle(message => message.Contains("on the CPU in Float32", StringComparison.Ordinal), log);
    }
}
