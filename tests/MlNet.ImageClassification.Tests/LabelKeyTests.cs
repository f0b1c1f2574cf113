using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification.Tests;

/// <summary>The values that a label's keys stand for, in the model, in its file and against those of other data.</summary>
[TestClass]
public sealed class LabelKeyTests
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _warnings = [];

    public LabelKeyTests() => _ml.Log += (_, e) =>
    {
        if (e.Kind == ChannelMessageKind.Warning && e.RawMessage.StartsWith("Label column", StringComparison.Ordinal))
            _warnings.Add(e.RawMessage);
    };

    [TestMethod]
    public void Labels_of_every_type_come_back_from_a_file_as_they_were()
    {
        ComesBack("red", "green", "blue");
        ComesBack(false, true);
        ComesBack(sbyte.MinValue, sbyte.MaxValue);
        ComesBack(byte.MinValue, byte.MaxValue);
        ComesBack(short.MinValue, short.MaxValue);
        ComesBack(ushort.MinValue, ushort.MaxValue);
        ComesBack(int.MinValue, int.MaxValue);
        ComesBack(uint.MinValue, uint.MaxValue);
        ComesBack(long.MinValue, long.MaxValue);
        ComesBack(ulong.MinValue, ulong.MaxValue);
        ComesBack(0.1f, float.Epsilon, float.MaxValue);
        ComesBack(0.1, double.Epsilon, double.MaxValue);
        ComesBack(new DateTime(2026, 1, 2, 3, 4, 5).AddTicks(1), DateTime.MaxValue);
        ComesBack(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(-3)).AddTicks(1), DateTimeOffset.UnixEpoch);
        ComesBack(TimeSpan.FromTicks(1), TimeSpan.FromDays(-400.5));
    }

    [TestMethod]
    public void Values_that_no_file_can_hold_are_refused_before_an_image_is_read()
    {
        int read = 0;
        var rows = new DataViewRowId[] { new(1, 2), new(3, 4) }.Select(id =>
        {
            read++;
            return new Row<DataViewRowId> { Label = id, Features = TinyImages.Floats(1)[0].Features };
        });
        var data = _ml.Data.LoadFromEnumerable(rows);
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label");
        const string message = "The keys of column 'Label' stand for values of type DataViewRowId, which a model file cannot hold. " +
            "Map text or numbers to keys.";

        Assert.AreEqual(message, Assert.ThrowsExactly<InvalidOperationException>(
            () => keys.Append(_ml.Transforms.CopyColumns("Same", "Label")).Append(new TinyTrainer(TinyImages.Options())).Fit(data)).Message);
        Assert.AreEqual(0, read);

        var keyed = keys.Fit(data).Transform(data);
        read = 0;
        Assert.AreEqual(message, Assert.ThrowsExactly<InvalidOperationException>(
            () => new TinyTrainer(TinyImages.Options()).Fit(keyed)).Message);
        Assert.AreEqual(0, read);
    }

    [TestMethod]
    public void A_label_of_other_classes_is_warned_of()
    {
        var training = Named("red", "green", "blue");
        using var model = Keys().Append(new TinyTrainer(TinyImages.Options(), _ml)).Fit(training).LastTransformer;
        var test = Named("red", "blue");

        _ = model.Transform(Keys().Fit(training).Transform(test));
        Assert.IsEmpty(_warnings);

        _ = model.Transform(Keys().Fit(test).Transform(test));
        Assert.AreEqual(
            "Label column 'Label' has 2 classes (red, blue), but the model has 3 classes (red, green, blue). Evaluate compares keys and " +
            "not what they stand for, so its figures would be wrong; map the labels with the MapValueToKey that was fitted to the training data.",
            _warnings.Single());
    }

    [TestMethod]
    public void A_loaded_model_warns_of_a_label_of_other_classes_too()
    {
        using var model = Keys().Append(new TinyTrainer(TinyImages.Options(), _ml)).Fit(Named("red", "green", "blue")).LastTransformer;
        using var loaded = (IDisposable)Reload(model);
        var test = Named("blue", "green", "red");

        ((ITransformer)loaded).Transform(Keys().Fit(test).Transform(test));

        Assert.Contains("has 3 classes (blue, green, red), but the model has 3 classes (red, green, blue)", _warnings.Single());
    }

    [TestMethod]
    public void Keys_without_values_are_only_counted()
    {
        using var model = new TinyTrainer(TinyImages.Options(), _ml).Fit(_ml.Keyed(TinyImages.Floats(9)));
        var test = Named("red", "green");

        model.Transform(_ml.Keyed(TinyImages.Floats(9)));
        Assert.IsEmpty(_warnings);

        model.Transform(Keys().Fit(test).Transform(test));
        Assert.Contains("has 2 classes (red, green), but the model has 3 classes. ", _warnings.Single());
    }

    private void ComesBack<T>(params T[] labels)
    {
        var data = Data(labels);
        var options = TinyImages.Options();
        options.Epoch = 1;
        using var model = Keys().Append(new TinyTrainer(options)).Append(_ml.Transforms.Conversion.MapKeyToValue("Value", "PredictedLabel")).Fit(data);
        using var loaded = (IDisposable)Reload(model);

        var scored = ((ITransformer)loaded).Transform(data);
        if (typeof(T) != typeof(string))
        {
            VBuffer<T> values = default;
            scored.Schema["PredictedLabel"].Annotations.GetValue("KeyValues", ref values);
            CollectionAssert.AreEqual(labels, values.DenseValues().ToArray());
        }
        CollectionAssert.IsSubsetOf(scored.GetColumn<T>("Value").Distinct().ToArray(), labels);
    }

    private IDataView Named(params string[] names) => Data(names);

    private IDataView Data<T>(T[] labels) => _ml.Data.LoadFromEnumerable(TinyImages.Floats(12)
        .Select((image, i) => new Row<T> { Label = labels[i % labels.Length], Features = image.Features }).ToArray());

    private Microsoft.ML.Transforms.ValueToKeyMappingEstimator Keys() => _ml.Transforms.Conversion.MapValueToKey("Label");

    private ITransformer Reload(ITransformer model)
    {
        using var stream = new MemoryStream();
        _ml.Model.Save(model, null, stream);
        return _ml.Model.Load(new MemoryStream(stream.ToArray()), out _);
    }

    private sealed class Row<T>
    {
        public T Label { get; set; } = default!;

        [VectorType(3, TinyImages.Side, TinyImages.Side)]
        public float[] Features { get; set; } = [];
    }
}
