using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification.Tests;

/// <summary>Which network a training gives back.</summary>
[TestClass]
public sealed class BestNetworkTests
{
    private readonly MLContext _ml = new(seed: 1);
    private int _epochs;

    [TestMethod]
    public void The_highest_accuracy_wins_then_the_lowest_loss_and_no_number_loses_to_NaN()
    {
        AssertBest(2, (0.9, 1.0), (0.5, 2.0), (0.6, 1.0));
        AssertBest(3, (0.9, 1.0), (0.8, 1.0), (0.7, 1.0));
        AssertBest(1, (0.7, 1.0), (0.7, 1.0));
        AssertBest(3, (double.NaN, 1.0), (double.NaN, 1.0), (0.9, 0.5));
        AssertBest(1, (0.9, 0.5), (double.NaN, 1.0), (double.PositiveInfinity, 1.0));
        AssertBest(0, (double.NaN, 1.0));
    }

    [TestMethod]
    public void Without_validation_the_last_epoch_wins_but_never_against_one_with_validation()
    {
        AssertBest(3, null, null, null);
        AssertBest(2, null, (0.9, 0.5), null);
    }

    [TestMethod]
    public void All_epochs_copy_their_weights_into_the_same_memory()
    {
        using var network = new TinyFamily().Create("tiny2", new ImageShape(3, 8, 8), 3);
        var (best, context) = (new BestWeights(), new TrainingContext(network, network, 3, new TrainingLog(null)));
        End(context, best, null);
        var first = best.Weights;
        End(context, best, null);

        Assert.AreSame(first, best.Weights);
    }

    [TestMethod]
    public void Weights_that_went_astray_in_the_last_step_are_a_divergence()
    {
        var options = TinyImages.Options();
        (options.Epoch, options.BatchSize, options.LearningRate) = (1, 8, 100);
        options.Recipe = options.Recipe with { WarmupEpochs = 0, Optimizer = new SgdOptimizer { WeightDecay = 1 } };
        // One step of loss 1; its gradient, times the rate, is beyond float32.
        var images = TinyImages.Floats(8);
        foreach (var image in images)
            image.Features = Array.ConvertAll(image.Features, value => value * 1e37f);

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(options, _ml).Fit(_ml.Keyed(images)));

        Assert.StartsWith("The training diverged: ", exception.Message);
    }

    [TestMethod]
    public void A_training_that_diverges_gives_back_the_best_validated_network_with_a_warning()
    {
        var options = Diverging();
        var warnings = new List<string>();
        _ml.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Warning && e.Source == "ImageClassification")
                warnings.Add(e.RawMessage);
        };

        using var model = new TinyTrainer(options, _ml).Fit(DivergingImages(afterEpoch: 2));

        Assert.HasCount(2, model.Report!.Epochs);
        Assert.IsTrue(_ml.Predict(model, 30).All(prediction => prediction.Scores.All(float.IsFinite)));
        Assert.ContainsSingle(line => line.StartsWith("The training diverged: ", StringComparison.Ordinal)
            && line.EndsWith($" The network of epoch {model.Report.BestEpoch} is kept.", StringComparison.Ordinal), warnings);
    }

    [TestMethod]
    public void By_choice_a_training_that_diverges_fails_and_can_go_on_with_a_lower_rate()
    {
        using var folder = new TempFolder();
        var options = Diverging();
        options.OnDivergence = DivergencePolicy.Fail;
        options.WorkspacePath = folder.Path;

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => new TinyTrainer(options, _ml).Fit(DivergingImages(afterEpoch: 2)));
        Assert.EndsWith($"The checkpoint of epoch 2 in '{folder.Path}' can go on with a lower rate: set Resume to FromWeights.", exception.Message);

        options.LearningRate = 0.01;
        options.Resume = ResumeMode.FromWeights;
        using var model = new TinyTrainer(options, _ml).Fit(_ml.Keyed(TinyImages.Floats(30)));
        Assert.HasCount(4, model.Report!.Epochs);
    }

    [TestMethod]
    public void A_training_stops_when_validation_no_longer_improves_and_each_Fit_counts_anew()
    {
        var options = TinyImages.Options();
        options.Epoch = 30;
        options.ValidationSet = _ml.Keyed(TinyImages.Floats(30, first: 500));
        options.EarlyStoppingCriteria = new EarlyStopping { Patience = 2, MinDelta = 1 };
        var trainer = new TinyTrainer(options, _ml);

        // The first epoch improves on nothing at all, the next two not by a whole 1.
        using var first = trainer.Fit(_ml.Keyed(TinyImages.Floats(30)));
        using var second = trainer.Fit(_ml.Keyed(TinyImages.Floats(30)));

        Assert.HasCount(3, first.Report!.Epochs);
        Assert.HasCount(3, second.Report!.Epochs);
    }

    [TestMethod]
    [DataRow(EarlyStoppingMetric.Accuracy, 3)]
    [DataRow(EarlyStoppingMetric.Loss, 5)]
    public void Early_stopping_watches_the_metric_it_is_told(EarlyStoppingMetric metric, int lastEpoch)
    {
        using var network = new TinyFamily().Create("tiny2", new ImageShape(3, 8, 8), 3);
        var context = new TrainingContext(network, network, 9, new TrainingLog(null));
        var callback = new EarlyStopping.Callback(new EarlyStopping { Metric = metric, Patience = 2, MinDelta = 0.1 });

        // The accuracy stays from the first epoch on, the loss falls until the third.
        foreach (double loss in new[] { 2.0, 1.5, 1.0, 0.95, 0.95, 0.95 })
            if (!context.IsComplete)
                End(context, callback, (loss, 0.5));

        Assert.HasCount(lastEpoch, context.Epochs);
    }

    private static void AssertBest(int expected, params (double Loss, double Accuracy)?[] epochs)
    {
        using var network = new TinyFamily().Create("tiny2", new ImageShape(3, 8, 8), 3);
        var (best, context) = (new BestWeights(), new TrainingContext(network, network, epochs.Length, new TrainingLog(null)));
        foreach (var epoch in epochs)
            End(context, best, epoch);
        Assert.AreEqual(expected, best.Epoch);
    }

    private static void End(TrainingContext context, ITrainingCallback callback, (double Loss, double Accuracy)? validation)
    {
        context.Add(new EpochMetrics(context.Epochs.Count + 1, 1, 0.5, validation?.Loss, validation?.Accuracy, 0.1, 100, TimeSpan.Zero));
        callback.OnEpochEnd(context);
    }

    private ImageClassificationOptions Diverging()
    {
        var options = TinyImages.Options();
        options.ValidationSet = _ml.Keyed(TinyImages.Floats(30, first: 500));
        // Streamed: read anew in every epoch.
        options.PixelMemoryMegabytes = 1;
        options.MetricsCallback = metrics => _epochs = metrics.Epoch;
        return options;
    }

    /// <summary>More images than the memory may hold, whose values are far beyond all bounds after some epochs.</summary>
    private IDataView DivergingImages(int afterEpoch)
    {
        return _ml.Data.LoadFromEnumerable(Rows());

        IEnumerable<FloatImage> Rows()
        {
            foreach (var image in TinyImages.Floats(6000))
            {
                float factor = _epochs >= afterEpoch ? 1e38f : 1;
                image.Features = Array.ConvertAll(image.Features, value => value * factor);
                yield return image;
            }
        }
    }
}
