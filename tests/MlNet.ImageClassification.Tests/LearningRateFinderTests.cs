using Microsoft.ML;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class LearningRateFinderTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _log = [];

    public LearningRateFinderTests() => _ml.Log += (_, e) =>
    {
        if (e.Source == "ImageClassification")
            _log.Add(e.RawMessage);
    };

    [TestMethod]
    public void The_suggestion_is_the_rate_of_the_steepest_descent_before_the_lowest_loss()
    {
        // Two steps are the first tenth: the fall from 9 to 4 does not count, nor that after the lowest loss, 2.9.
        double[] losses = [9, 4.1, 4, 4, 3.9, 3.9, 3.4, 3.1, 3, 2.9, 3.5, 9, 9, 3, 9, 9, 9, 9, 9, 9];
        double[] rates = [.. Enumerable.Range(0, losses.Length).Select(i => Math.Pow(10, i / 4.0 - 4))];

        // Around step 6 it falls from 3.9 to 3.1; around step 5 from 3.9 to 3.4, around step 7 from 3.4 to 3.
        Assert.AreEqual(rates[6], LearningRateFinder.Suggest(rates, losses)!.Value);
    }

    [TestMethod]
    [DataRow(new[] { 2.0, 2.0, 2.0, 2.1 })]
    [DataRow(new[] { 2.0, 2.0, 1.99, 2.1 })]
    [DataRow(new[] { 2.0, 2.0 })]
    [DataRow(new double[0])]
    public void There_is_no_suggestion_where_the_loss_does_not_fall(double[] losses) =>
        Assert.IsNull(LearningRateFinder.Suggest([.. losses.Select((_, i) => Math.Pow(10, i))], losses));

    [TestMethod]
    public void A_training_learns_at_the_suggested_rate_and_neither_far_below_nor_far_above()
    {
        var options = TinyImages.Options();
        var search = new LearningRateSearch { LowestRate = 1e-6, HighestRate = 100, Steps = 120 };

        var found = new TinyTrainer(options, _ml).FindLearningRate(Images(), search);

        Assert.AreEqual(found.Rates.Count, found.Losses.Count);
        Assert.AreEqual(1e-6, found.Rates[0], 1e-15);
        double suggestion = found.Suggestion!.Value;
        double[] losses = [.. new[] { search.LowestRate, suggestion, search.HighestRate }.Select(LastLoss)];
        // To guess costs ln 3.
        Assert.IsLessThan(0.5 * Math.Log(3), losses[1], $"at {suggestion}");
        Assert.IsGreaterThan(0.9 * Math.Log(3), losses[0]);
        Assert.IsGreaterThan(2 * Math.Log(3), losses[2]);

        double LastLoss(double rate)
        {
            options.LearningRate = rate;
            options.Recipe = options.Recipe with { LabelSmoothing = 0, WarmupEpochs = 0, Schedule = LearningRateSchedule.Constant };
            try
            {
                using var model = new TinyTrainer(options, _ml).Fit(Images());
                return model.Report!.Epochs[^1].Loss;
            }
            catch (InvalidOperationException e) when (e.Message.StartsWith("The training diverged", StringComparison.Ordinal))
            {
                return double.PositiveInfinity;
            }
        }
    }

    [TestMethod]
    public void The_search_rises_by_a_factor_tells_the_log_and_ends_where_the_loss_diverges()
    {
        var options = TinyImages.Options();
        options.Recipe = options.Recipe with { Optimizer = new AdamOptimizer() };

        var low = new TinyTrainer(options, _ml).FindLearningRate(Images(), new LearningRateSearch { LowestRate = 0.0001, HighestRate = 0.01, Steps = 21 });
        var high = new TinyTrainer(options, _ml).FindLearningRate(Images(), new LearningRateSearch { LowestRate = 0.01, HighestRate = 100 });

        Assert.IsFalse(low.Diverged);
        Assert.HasCount(21, low.Rates);
        for (int i = 0; i < 21; i++)
            Assert.AreEqual(0.0001 * Math.Pow(10, i / 10.0), low.Rates[i], 1e-12);
        Assert.ContainsSingle(line => line == "Searching the learning rate from 0.0001 to 0.01 in 21 steps.", _log);
        Assert.ContainsSingle(line => line.StartsWith("Step 21 of 21: learning rate 0.01, loss ", StringComparison.Ordinal), _log);
        Assert.IsTrue(high.Diverged);
        Assert.IsLessThan(100, high.Rates.Count);
        Assert.IsGreaterThan(4 * high.Losses.Min(), high.Losses[^1]);
    }

    [TestMethod]
    [CpuCondition]
    public void The_search_leaves_the_trainer_and_its_workspace_as_they_are()
    {
        using var folder = new TempFolder();
        var options = TinyImages.Options();
        options.Epoch = 1;
        using var alone = new TinyTrainer(options, _ml).Fit(Images());
        options.WorkspacePath = folder.At("work");
        var trainer = new TinyTrainer(options, _ml);

        var first = trainer.FindLearningRate(Images());
        var second = trainer.FindLearningRate(Images());
        Assert.IsFalse(Directory.Exists(options.WorkspacePath));
        using var after = trainer.Fit(Images());

        CollectionAssert.AreEqual(first.Losses.ToArray(), second.Losses.ToArray());
        ScoreAssert.AreSame(_ml.Predict(alone, 10), _ml.Predict(after, 10), 0);
    }

    [TestMethod]
    public void A_search_in_which_nothing_is_learned_suggests_nothing_and_says_so()
    {
        var search = new LearningRateSearch { LowestRate = 1e-12, HighestRate = 1e-11, Steps = 20 };

        var found = new TinyTrainer(TinyImages.Options(), _ml).FindLearningRate(Images(), search);

        Assert.IsNull(found.Suggestion);
        Assert.ContainsSingle(
            line => line == "The loss does not fall at any learning rate from 1e-12 to 1e-11. Check images and labels, or take more Steps (20).", _log);
    }

    [TestMethod]
    public void A_search_can_be_canceled()
    {
        using var source = new CancellationTokenSource();
        var options = TinyImages.Options();
        options.CancellationToken = source.Token;
        _ml.Log += (_, e) => { if (e.RawMessage.StartsWith("Step 20 of 100", StringComparison.Ordinal)) source.Cancel(); };

        Assert.Throws<OperationCanceledException>(() => new TinyTrainer(options, _ml).FindLearningRate(Images()));

        Assert.DoesNotContain(line => line.StartsWith("Step 30 of 100", StringComparison.Ordinal), _log);
    }

    [TestMethod]
    [DataRow(0.1, 0.1)]
    [DataRow(0.0, 0.1)]
    [DataRow(double.NaN, 0.1)]
    public void A_search_that_does_not_rise_from_above_0_is_refused(double lowest, double highest)
    {
        var exception = Assert.Throws<ArgumentException>(
            () => new TinyTrainer(TinyImages.Options(), _ml).FindLearningRate(Images(), new LearningRateSearch { LowestRate = lowest, HighestRate = highest }));

        Assert.StartsWith(FormattableString.Invariant($"LowestRate is {lowest}; it must be above 0 and below HighestRate (0.1)."), exception.Message);
    }

    private IDataView Images() => _ml.Keyed(TinyImages.Floats(90));
}
