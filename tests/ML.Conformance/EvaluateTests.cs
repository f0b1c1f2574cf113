using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

[TestClass]
public sealed class EvaluateTests
{
    private readonly MLContext _ml = new(seed: 1);

    public sealed class KeyScored
    {
        /// <summary>Counts from 0; 3 and above is missing.</summary>
        [KeyType(3)]
        public uint Label;

        [VectorType(3)]
        public float[] Score = [];

        public float PredictedLabel;
    }

    public sealed class FloatScored
    {
        public float Label;

        [VectorType(3)]
        public float[] Score = [];

        public float PredictedLabel;
    }

    private static FloatScored Row(float label, params float[] score) => new() { Label = label, Score = score };

    private MulticlassClassificationMetrics Evaluate(params FloatScored[] rows) =>
        _ml.MulticlassClassification.Evaluate(_ml.Data.LoadFromEnumerable(rows), topKPredictionCount: 3);

    [TestMethod]
    public void The_figures_are_those_of_scikit_learn()
    {
        var data = _ml.Data.LoadFromTextFile(Golden("evaluation.tsv"), new TextLoader.Options
        {
            HasHeader = true,
            Columns = [new("Class", DataKind.Single, 0), new("P", DataKind.Single, 1, 5)],
        });
        var metrics = _ml.MulticlassClassification.Evaluate(
            data, labelColumnName: "Class", scoreColumnName: "P", predictedLabelColumnName: "Class", topKPredictionCount: 5);

        using var golden = JsonDocument.Parse(File.ReadAllText(Golden("evaluation.json")));
        double Number(string name) => golden.RootElement.GetProperty(name).GetDouble();
        double[] Numbers(string name) => [.. golden.RootElement.GetProperty(name).EnumerateArray().Select(item => item.GetDouble())];
        Assert.AreEqual(Number("MicroAccuracy"), metrics.MicroAccuracy, 1e-9);
        Assert.AreEqual(Number("MacroAccuracy"), metrics.MacroAccuracy, 1e-9);
        Assert.AreEqual(Number("LogLoss"), metrics.LogLoss, 1e-6);
        Assert.AreEqual(Number("LogLossReduction"), metrics.LogLossReduction, 1e-6);
        AssertClose(Numbers("TopKAccuracy"), metrics.TopKAccuracyForAllK);
        AssertClose(Numbers("PerClassLogLoss"), metrics.PerClassLogLoss);
        AssertClose(Numbers("Precision"), metrics.ConfusionMatrix.PerClassPrecision);
        AssertClose(Numbers("Recall"), metrics.ConfusionMatrix.PerClassRecall);
        int[][] confusion = golden.RootElement.GetProperty("Confusion").Deserialize<int[][]>()!;
        for (int actual = 0; actual < 5; actual++)
            AssertClose([.. confusion[actual].Select(count => (double)count)], metrics.ConfusionMatrix.Counts[actual]);
    }

    [TestMethod]
    public void Top_k_accuracy_grows_with_k()
    {
        // Ranks of the true class: 1st, 2nd, 3rd, 2nd.
        var metrics = Evaluate(
            Row(0, 0.5f, 0.3f, 0.2f), Row(0, 0.3f, 0.5f, 0.2f), Row(0, 0.1f, 0.6f, 0.3f), Row(2, 0.1f, 0.6f, 0.3f));

        AssertClose([0.25, 0.75, 1], metrics.TopKAccuracyForAllK);
        Assert.AreEqual(1, metrics.TopKAccuracy, 1e-12);
        Assert.AreEqual(3, metrics.TopKPredictionCount);
        // Class 0: 1 of 3 right; class 2: 0 of 1; class 1 has no rows and does not count.
        Assert.AreEqual(1 / 6.0, metrics.MacroAccuracy, 1e-12);
        Assert.AreEqual(0.25, metrics.MicroAccuracy, 1e-12);
        double logLoss = -(Math.Log(0.5f) + Math.Log(0.3f) + Math.Log(0.1f) + Math.Log(0.3f)) / 4;
        Assert.AreEqual(logLoss, metrics.LogLoss, 1e-9);
        double entropy = -(0.75 * Math.Log(0.75) + 0.25 * Math.Log(0.25));
        Assert.AreEqual((entropy - logLoss) / entropy, metrics.LogLossReduction, 1e-9);
        AssertClose([-(Math.Log(0.5f) + Math.Log(0.3f) + Math.Log(0.1f)) / 3, 0, -Math.Log(0.3f)], metrics.PerClassLogLoss);
    }

    [TestMethod]
    public void Without_k_there_is_no_top_k_accuracy()
    {
        var data = _ml.Data.LoadFromEnumerable([Row(0, 0.5f, 0.3f, 0.2f), Row(1, 0.5f, 0.3f, 0.2f)]);
        var metrics = _ml.MulticlassClassification.Evaluate(data);

        Assert.IsNull(metrics.TopKAccuracyForAllK);
        Assert.AreEqual(0, metrics.TopKAccuracy);
        Assert.AreEqual(0, metrics.TopKPredictionCount);
        Assert.AreEqual(0.5, metrics.MicroAccuracy);
    }

    [TestMethod]
    public void Of_equal_scores_the_first_class_is_predicted()
    {
        var metrics = Evaluate(Row(1, 0.4f, 0.4f, 0.2f), Row(0, 0.4f, 0.4f, 0.2f));

        Assert.AreEqual(0.5, metrics.MicroAccuracy);
        Assert.AreEqual(1, metrics.ConfusionMatrix.GetCountForClassPair(predictedClassIndicatorIndex: 0, actualClassIndicatorIndex: 1));
        AssertClose([0.5, 1, 1], metrics.TopKAccuracyForAllK);
    }

    [TestMethod]
    public void Rows_with_missing_label_or_scores_that_are_no_numbers_do_not_count()
    {
        KeyScored[] rows =
        [
            new() { Label = 1, Score = [0.2f, 0.7f, 0.1f] },
            new() { Label = 7, Score = [0.2f, 0.7f, 0.1f] },
            new() { Label = 0, Score = [float.NaN, 0.7f, 0.1f] },
            new() { Label = 0, Score = [float.PositiveInfinity, 0.7f, 0.1f] },
        ];
        var metrics = _ml.MulticlassClassification.Evaluate(_ml.Data.LoadFromEnumerable(rows));
        Assert.AreEqual(1, metrics.MicroAccuracy);
        Assert.AreEqual(-Math.Log(0.7f), metrics.LogLoss, 1e-9);

        var fromFloats = Evaluate(Row(1, 0.2f, 0.7f, 0.1f), Row(float.NaN, 1, 0, 0), Row(-1, 1, 0, 0), Row(0.5f, 1, 0, 0));
        Assert.AreEqual(1, fromFloats.MicroAccuracy);
        Assert.AreEqual(1, fromFloats.ConfusionMatrix.Counts.Sum(row => row.Sum()));
    }

    [TestMethod]
    public void A_label_the_model_does_not_know_counts_as_wrong()
    {
        var metrics = Evaluate(Row(0, 1, 0, 0), Row(5, 1, 0, 0));

        Assert.AreEqual(0.5, metrics.MicroAccuracy);
        Assert.AreEqual(-Math.Log(1e-15f) / 2, metrics.LogLoss, 1e-9);
        AssertClose([0.5, 0.5, 0.5], metrics.TopKAccuracyForAllK);
        Assert.AreEqual(1, metrics.ConfusionMatrix.Counts.Sum(row => row.Sum()));
    }

    [TestMethod]
    public void Log_loss_stops_at_a_probability_of_one_in_a_million_billions()
    {
        var metrics = Evaluate(Row(0, 0, 1, 0), Row(1, 0, 2, 0));

        AssertClose([-Math.Log(1e-15f), 0, 0], metrics.PerClassLogLoss);
    }

    [TestMethod]
    public void No_rows_at_all_give_zeros()
    {
        var metrics = _ml.MulticlassClassification.Evaluate(_ml.Data.LoadFromEnumerable(new List<FloatScored>()));

        Assert.AreEqual(0, metrics.MicroAccuracy);
        Assert.AreEqual(0, metrics.MacroAccuracy);
        Assert.AreEqual(0, metrics.LogLoss);
        Assert.IsTrue(double.IsNaN(metrics.LogLossReduction));
    }

    [TestMethod]
    public void More_top_k_than_there_are_classes_is_refused()
    {
        var data = _ml.Data.LoadFromEnumerable([Row(0, 0.5f, 0.3f, 0.2f)]);

        Assert.ThrowsExactly<IndexOutOfRangeException>(
            () => _ml.MulticlassClassification.Evaluate(data, topKPredictionCount: 5));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.MulticlassClassification.Evaluate(data, topKPredictionCount: -1));
    }

    [TestMethod]
    public void Columns_that_are_absent_or_of_the_wrong_type_are_named()
    {
        var data = _ml.Data.LoadFromEnumerable([Row(0, 0.5f, 0.3f, 0.2f)]);
        string Complaint(Action action) => Assert.ThrowsExactly<ArgumentOutOfRangeException>(action).Message;

        StringAssert.Contains(
            Complaint(() => _ml.MulticlassClassification.Evaluate(data, labelColumnName: "Class")), "Class column 'Label' not found");
        StringAssert.Contains(
            Complaint(() => _ml.MulticlassClassification.Evaluate(data, predictedLabelColumnName: "Guess")), "Guess column 'PredictedLabel' not found");
        StringAssert.Contains(
            Complaint(() => _ml.MulticlassClassification.Evaluate(data, scoreColumnName: "Label")),
            "Schema mismatch for score column 'Label': expected vector of two or more items of type Single, got Single");
        StringAssert.Contains(
            Complaint(() => _ml.MulticlassClassification.Evaluate(data, labelColumnName: "Score")),
            "Schema mismatch for label column 'Score': expected Single or Key, got Vector<Single, 3>");
    }

    private static void AssertClose(double[] expected, IReadOnlyList<double> actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-6, $"item {i}");
    }

    private static string Golden(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", name);
}
