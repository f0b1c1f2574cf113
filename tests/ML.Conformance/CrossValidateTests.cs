using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

[TestClass]
public sealed class CrossValidateTests
{
    private readonly MLContext _ml = new(seed: 1);

    public sealed class Row
    {
        public int Id;
        public string Group = "";
        public float Label;
        public float ScoreOfFirst;
        public float ScoreOfSecond;
    }

    /// <summary>Every third row is scored wrong.</summary>
    private IDataView MakeData(int count) => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new Row
    {
        Id = i,
        Group = $"group {i / 4}",
        Label = i % 2,
        ScoreOfFirst = i % 2 == 0 == (i % 3 != 0) ? 0.75f : 0.25f,
        ScoreOfSecond = i % 2 == 0 == (i % 3 != 0) ? 0.25f : 0.75f,
    }).ToList());

    /// <summary>Its model takes the scores from the data; it notes the rows it is trained on.</summary>
    private sealed class Trainer(MLContext ml) : IEstimator<ITransformer>
    {
        public List<int[]> TrainingRows { get; } = [];

        private IEstimator<ITransformer> Inner => ml.Transforms.Concatenate("Score", "ScoreOfFirst", "ScoreOfSecond")
            .Append(ml.Transforms.CopyColumns("PredictedLabel", "Label"));

        public ITransformer Fit(IDataView input)
        {
            TrainingRows.Add(input.GetColumn<int>("Id").ToArray());
            return Inner.Fit(input);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Inner.GetOutputSchema(inputSchema);
    }

    private static int[] Ids(IDataView data) => data.GetColumn<int>("Id").ToArray();

    [TestMethod]
    public void Each_fold_is_evaluated_by_a_model_that_did_not_see_it()
    {
        var trainer = new Trainer(_ml);
        var folds = _ml.MulticlassClassification.CrossValidate(MakeData(120), trainer, numberOfFolds: 4);

        CollectionAssert.AreEqual(new[] { 0, 1, 2, 3 }, folds.Select(fold => fold.Fold).ToArray());
        CollectionAssert.AreEquivalent(
            Enumerable.Range(0, 120).ToArray(), folds.SelectMany(fold => Ids(fold.ScoredHoldOutSet)).ToArray());
        foreach (var fold in folds)
        {
            int[] heldOut = Ids(fold.ScoredHoldOutSet);
            CollectionAssert.AreEquivalent(
                Enumerable.Range(0, 120).Except(heldOut).ToArray(), trainer.TrainingRows[fold.Fold]);
            Assert.AreEqual(heldOut.Count(id => id % 3 != 0) / (double)heldOut.Length, fold.Metrics.MicroAccuracy, 1e-12);
            CollectionAssert.AreEqual(
                heldOut, Ids(fold.Model.Transform(fold.ScoredHoldOutSet)));
        }
    }

    [TestMethod]
    public void The_hold_out_set_is_scored_when_it_is_read()
    {
        var probe = new ProbeView(MakeData(40));
        var folds = _ml.MulticlassClassification.CrossValidate(probe, new Trainer(_ml), numberOfFolds: 2);
        int rowsBefore = probe.RowCount;

        Ids(folds[0].ScoredHoldOutSet);

        Assert.AreEqual(40, probe.RowCount - rowsBefore);
    }

    [TestMethod]
    public void The_seed_decides_the_folds()
    {
        var data = MakeData(60);
        int[] FirstFold(MLContext ml, int? seed) =>
            Ids(ml.MulticlassClassification.CrossValidate(data, new Trainer(ml), numberOfFolds: 3, seed: seed)[0].ScoredHoldOutSet);

        CollectionAssert.AreEqual(FirstFold(_ml, 9), FirstFold(_ml, 9));
        CollectionAssert.AreNotEqual(FirstFold(_ml, 9), FirstFold(_ml, 10));
        CollectionAssert.AreEqual(FirstFold(new MLContext(9), null), FirstFold(_ml, 9));
    }

    [TestMethod]
    public void Rows_with_equal_sampling_keys_are_in_one_fold()
    {
        var folds = _ml.MulticlassClassification.CrossValidate(
            MakeData(200), new Trainer(_ml), numberOfFolds: 4, samplingKeyColumnName: "Group");
        var groups = folds.Select(fold => fold.ScoredHoldOutSet.GetColumn<string>("Group").ToHashSet()).ToArray();

        Assert.AreEqual(50, groups.Sum(set => set.Count));
        Assert.IsTrue(groups.All(set => set.Count > 0));
    }

    [TestMethod]
    public void A_chain_scores_with_all_its_members_whatever_their_scope()
    {
        var pipeline = _ml.Transforms.Concatenate("Score", "ScoreOfFirst", "ScoreOfSecond")
            .Append(_ml.Transforms.CopyColumns("PredictedLabel", "Label"), TransformerScope.TrainTest);
        var folds = _ml.MulticlassClassification.CrossValidate(MakeData(60), pipeline, numberOfFolds: 2);

        Assert.IsNotNull(folds[0].ScoredHoldOutSet.Schema.GetColumnOrNull("PredictedLabel"));
        Assert.IsNull(folds[0].Model.Transform(MakeData(1)).Schema.GetColumnOrNull("PredictedLabel"));
    }

    [TestMethod]
    public void Bad_requests_are_refused()
    {
        var data = MakeData(10);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _ml.MulticlassClassification.CrossValidate(data, new Trainer(_ml), numberOfFolds: 1)).Message,
            "Must be more than 1");
        Assert.ThrowsExactly<ArgumentNullException>(() => _ml.MulticlassClassification.CrossValidate(data, null!));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.MulticlassClassification.CrossValidate(data, new Trainer(_ml), samplingKeyColumnName: "Nope"));
    }
}
