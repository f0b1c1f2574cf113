using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;

namespace MlNet.ImageClassification.Tests;

/// <summary>What cursors over scores answer to questions they should not be asked, as ML.NET's own do.</summary>
[TestClass]
public sealed class ScoringCursorTests
{
    private static readonly MLContext s_ml = new(seed: 1);
    private static ImageClassificationTransformer s_model = null!;

    [ClassInitialize]
    public static void Train(TestContext context) => s_model = new TinyTrainer(TinyImages.Options()).Fit(s_ml.Keyed(TinyImages.Floats(30)));

    [ClassCleanup]
    public static void Free() => s_model.Dispose();

    [TestMethod]
    public void A_column_of_another_schema_is_refused()
    {
        var scored = s_model.Transform(s_ml.Keyed(TinyImages.Floats(3)));
        var longer = s_ml.Transforms.CopyColumns("Copy", "Score").Fit(scored).Transform(scored).Schema["Copy"];
        var other = s_ml.Transforms.SelectColumns("PredictedLabel").Fit(scored).Transform(scored).Schema["PredictedLabel"];
        using var cursor = scored.GetRowCursor(scored.Schema);

        foreach (var column in new[] { longer, other, default })
        {
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => cursor.IsColumnActive(column));
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => cursor.GetGetter<uint>(column));
        }
        Assert.IsTrue(cursor.IsColumnActive(scored.Schema["PredictedLabel"]));
    }

    [TestMethod]
    public void Before_the_first_row_and_after_the_last_there_is_no_value()
    {
        var scored = s_model.Transform(s_ml.Keyed(TinyImages.Floats(3)));
        using var cursor = scored.GetRowCursor(scored.Schema);
        var score = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        var label = cursor.GetGetter<uint>(scored.Schema["PredictedLabel"]);
        var id = cursor.GetGetter<float>(scored.Schema["Id"]);
        var rowId = cursor.GetIdGetter();

        NoValues();
        while (cursor.MoveNext())
            Assert.IsGreaterThan(0u, Value(label));
        NoValues();
        Assert.AreEqual(-1, cursor.Position);

        void NoValues()
        {
            Assert.ThrowsExactly<InvalidOperationException>(() => Value(score));
            Assert.ThrowsExactly<InvalidOperationException>(() => Value(label));
            Assert.ThrowsExactly<InvalidOperationException>(() => Value(id));
            Assert.ThrowsExactly<InvalidOperationException>(() => Value(rowId));
        }
    }

    [TestMethod]
    public void An_engine_disposes_its_model_and_says_how_to_keep_it()
    {
        using var model = new TinyTrainer(TinyImages.Options()).Fit(s_ml.Keyed(TinyImages.Floats(30)));
        s_ml.Model.CreatePredictionEngine<FloatImage, Prediction>(model).Dispose();
        using var second = s_ml.Model.CreatePredictionEngine<FloatImage, Prediction>(model);

        var exception = Assert.ThrowsExactly<ObjectDisposedException>(() => second.Predict(TinyImages.Floats(1)[0]));

        Assert.Contains("new PredictionEngineOptions { OwnsTransformer = false }", exception.Message);
        Assert.AreEqual(typeof(ImageClassificationTransformer).FullName, exception.ObjectName);
    }

    [TestMethod]
    public void A_prediction_makes_no_tensor_that_outlives_it()
    {
        using var engine = s_ml.Model.CreatePredictionEngine<FloatImage, Prediction>(
            s_model, new PredictionEngineOptions { OwnsTransformer = false });
        var image = TinyImages.Floats(1)[0];
        engine.Predict(image);
        long before = Outliving();

        engine.Predict(image);

        Assert.AreEqual(before, Outliving());

        static long Outliving()
        {
            var statistics = DisposeScopeManager.Statistics;
            return statistics.CreatedOutsideScopeCount + statistics.DetachedFromScopeCount;
        }
    }

    private static T Value<T>(ValueGetter<T> getter)
    {
        T value = default!;
        getter(ref value);
        return value;
    }
}
