using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification.Tests;

/// <summary>The columns a trainer promises and a transformer adds, and how the rest of ML.NET gets on with them.</summary>
[TestClass]
public sealed class SchemaTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Scores_have_the_annotations_of_a_multiclass_trainer()
    {
        using var chain = Pipeline().Fit(Named(30));
        var schema = chain.GetOutputSchema(Named(1).Schema);

        var score = schema["Score"];
        Assert.AreEqual("Vector<Single, 3>", score.Type.ToString());
        VBuffer<ReadOnlyMemory<char>> names = default;
        score.GetSlotNames(ref names);
        CollectionAssert.AreEqual(TinyImages.Names, Texts(names));
        CollectionAssert.AreEqual(TinyImages.Names, Texts(Get<VBuffer<ReadOnlyMemory<char>>>(score, "TrainingLabelValues")));
        Assert.AreEqual(1u, Get<uint>(score, "ScoreColumnSetId"));
        Assert.AreEqual("MulticlassClassification", Get<ReadOnlyMemory<char>>(score, "ScoreColumnKind").ToString());
        Assert.AreEqual("Score", Get<ReadOnlyMemory<char>>(score, "ScoreValueKind").ToString());

        var predicted = schema["PredictedLabel"];
        Assert.AreEqual(3ul, ((KeyDataViewType)predicted.Type).Count);
        Assert.AreEqual(typeof(uint), predicted.Type.RawType);
        CollectionAssert.AreEqual(TinyImages.Names, Texts(Get<VBuffer<ReadOnlyMemory<char>>>(predicted, "KeyValues")));
        Assert.AreEqual(1u, Get<uint>(predicted, "ScoreColumnSetId"));
        Assert.AreEqual("PredictedLabel", Get<ReadOnlyMemory<char>>(predicted, "ScoreValueKind").ToString());
    }

    [TestMethod]
    public void Numbers_as_labels_keep_their_type()
    {
        var rows = TinyImages.Floats(30).Select(i => new NumberedImage { Label = 10f * i.Label, Features = i.Features }).ToArray();
        var data = _ml.Data.LoadFromEnumerable(rows);
        using var chain = _ml.Transforms.Conversion.MapValueToKey("Label").Append(new TinyTrainer(TinyImages.Options())).Fit(data);

        Assert.AreEqual("0,10,20", string.Join(',', chain.LastTransformer.ClassNames));
        var schema = chain.Transform(data).Schema;
        CollectionAssert.AreEqual(
            new[] { 0f, 10f, 20f }, Get<VBuffer<float>>(schema["PredictedLabel"], "KeyValues").DenseValues().ToArray());
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Score"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(new[] { "0", "10", "20" }, Texts(names));
    }

    [TestMethod]
    public void A_second_scorer_has_a_set_of_its_own()
    {
        using var first = new TinyTrainer(TinyImages.Options()).Fit(_ml.Keyed(TinyImages.Floats(9)));
        var options = TinyImages.Options();
        options.ScoreColumnName = "Score2";
        options.PredictedLabelColumnName = "PredictedLabel2";
        using var second = new TinyTrainer(options).Fit(_ml.Keyed(TinyImages.Floats(9)));

        var schema = second.Transform(first.Transform(_ml.Keyed(TinyImages.Floats(9)))).Schema;

        Assert.AreEqual(1u, Get<uint>(schema["Score"], "ScoreColumnSetId"));
        Assert.AreEqual(2u, Get<uint>(schema["Score2"], "ScoreColumnSetId"));
        Assert.AreEqual(2u, Get<uint>(schema["PredictedLabel2"], "ScoreColumnSetId"));
    }

    [TestMethod]
    public void A_pipeline_evaluates_cross_validates_and_maps_back_to_names()
    {
        var data = Named(90);
        using var chain = Pipeline().Append(_ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel")).Fit(data);

        var scored = chain.Transform(Named(60, first: 1000));
        var metrics = _ml.MulticlassClassification.Evaluate(scored, topKPredictionCount: 2);
        Assert.AreEqual(1.0, metrics.MicroAccuracy);
        Assert.AreEqual(1.0, metrics.TopKAccuracy);
        Assert.IsLessThan(0.2, metrics.LogLoss);
        CollectionAssert.AreEqual(
            Enumerable.Range(1000, 60).Select(TinyImages.Label).ToArray(), scored.GetColumn<string>("Name").ToArray());

        var folds = _ml.MulticlassClassification.CrossValidate(data, Pipeline(), numberOfFolds: 2);
        Assert.HasCount(2, folds);
        foreach (var fold in folds)
        {
            Assert.IsGreaterThan(0.8, fold.Metrics.MicroAccuracy);
            ((IDisposable)fold.Model).Dispose();
        }
    }

    [TestMethod]
    public void A_trainer_promises_the_columns_it_adds()
    {
        var witness = new Witness();
        using var chain = Pipeline().Append(witness).Fit(Named(9));

        var score = witness.Shape!.Single(column => column.Name == "Score");
        Assert.AreEqual(SchemaShape.Column.VectorKind.Vector, score.Kind);
        Assert.AreEqual(NumberDataViewType.Single, score.ItemType);
        CollectionAssert.AreEquivalent(
            new[] { "SlotNames", "TrainingLabelValues", "ScoreColumnSetId", "ScoreColumnKind", "ScoreValueKind" },
            score.Annotations.Select(a => a.Name).ToArray());
        var predicted = witness.Shape!.Single(column => column.Name == "PredictedLabel");
        Assert.IsTrue(predicted.IsKey);
        Assert.AreEqual(TextDataViewType.Instance, predicted.Annotations.Single(a => a.Name == "KeyValues").ItemType);
    }

    [TestMethod]
    public void A_pipeline_with_a_label_that_is_no_key_is_refused_before_it_runs()
    {
        var pipeline = _ml.Transforms.CopyColumns("Label2", "Label").Append(new TinyTrainer(TinyImages.Options()));

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => pipeline.Fit(Named(9)));

        Assert.AreEqual(
            "Label column 'Label' is String; expected a key. Put mlContext.Transforms.Conversion.MapValueToKey(\"Label\") " +
            "before the trainer.", exception.Message);
    }

    [TestMethod]
    public void A_pipeline_without_the_features_is_refused_before_it_runs()
    {
        var options = TinyImages.Options();
        options.FeatureColumnName = "Pixels";
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label").Append(new TinyTrainer(options));

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => pipeline.Fit(Named(9)));

        Assert.AreEqual("There is no column 'Pixels' for the features; the columns are 'Label', 'Features'.", exception.Message);
    }

    [TestMethod]
    public void A_column_that_another_hides_is_not_listed()
    {
        var options = TinyImages.Options();
        options.FeatureColumnName = "Pixels";
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(Named(9)).Transform(Named(9));
        const string message = "There is no column 'Pixels' for the features; the columns are 'Label', 'Features'.";

        Assert.AreEqual(message, Assert.ThrowsExactly<InvalidOperationException>(
            () => new TinyTrainer(options).Fit(keyed)).Message);
        Assert.AreEqual(message, Assert.ThrowsExactly<InvalidOperationException>(
            () => new EstimatorChain<ITransformer>().Append(new TinyTrainer(options)).Fit(keyed)).Message);
    }

    [TestMethod]
    public void Sparse_features_are_trained_on_and_scored()
    {
        // Concatenating text-loaded columns makes sparse vectors; here they are made by hand.
        var values = new VBuffer<float>(TinyImages.Size, 2, [0.5f, -0.5f], [3, 100]);
        var dense = new float[TinyImages.Size];
        (dense[3], dense[100]) = (0.5f, -0.5f);
        using var model = new TinyTrainer(TinyImages.Options()).Fit(_ml.Keyed(TinyImages.Floats(30)));
        var rows = new[] { new SparseImage { Features = values } };
        var schema = SchemaDefinition.Create(typeof(SparseImage));
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 3, 8, 8);

        float[] sparse = model.Transform(_ml.Data.LoadFromEnumerable(rows, schema)).GetColumn<float[]>("Score").Single();
        float[] same = model.Transform(_ml.Keyed([new FloatImage { Features = dense }])).GetColumn<float[]>("Score").Single();

        CollectionAssert.AreEqual(same, sparse);
    }

    private EstimatorChain<ImageClassificationTransformer> Pipeline() =>
        _ml.Transforms.Conversion.MapValueToKey("Label").Append(new TinyTrainer(TinyImages.Options()));

    private IDataView Named(int count, int first = 0) => _ml.Data.LoadFromEnumerable(
        TinyImages.Floats(count, first).Select(i => new NamedImage { Label = TinyImages.Label((int)i.Id), Features = i.Features }).ToArray());

    private static T Get<T>(DataViewSchema.Column column, string kind)
    {
        T value = default!;
        column.Annotations.GetValue(kind, ref value);
        return value;
    }

    private static string[] Texts(VBuffer<ReadOnlyMemory<char>> values) => [.. values.DenseValues().Select(v => v.ToString())];

    private sealed class Witness : IEstimator<ITransformer>
    {
        public SchemaShape? Shape { get; private set; }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Shape = inputSchema;

        public ITransformer Fit(IDataView input) => new TransformerChain<ITransformer>();
    }

    private sealed class NamedImage
    {
        public string Label { get; set; } = "";

        [VectorType(3, 8, 8)]
        public float[] Features { get; set; } = [];
    }

    private sealed class NumberedImage
    {
        public float Label { get; set; }

        [VectorType(3, 8, 8)]
        public float[] Features { get; set; } = [];
    }

    private sealed class SparseImage
    {
        public VBuffer<float> Features { get; set; }
    }
}
