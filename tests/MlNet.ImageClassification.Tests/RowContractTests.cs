using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification.Tests.Images;

namespace MlNet.ImageClassification.Tests;

/// <summary>What every view, cursor and row of the library says to a caller that asks for what there is not.</summary>
[TestClass]
public sealed class RowContractTests
{
    private static readonly MLContext s_ml = new(seed: 1);

    /// <summary>Each kind of view with a column it adds.</summary>
    public static IEnumerable<(string Column, Func<(ITransformer Model, IDataView Data)> Create)> Transformers =>
    [
        ("Normalized", () =>
        {
            var data = s_ml.Keyed(TinyImages.Floats(3));
            return (s_ml.Transforms.NormalizeChannels("Normalized", "Features", [1, 2, 3], [1, 2, 3]).Fit(data), data);
        }),
        ("Pixels", () =>
        {
            var data = s_ml.Bytes(Enumerable.Repeat(ImageFiles.AnimatedGif, 3).ToArray());
            return (s_ml.Transforms.LoadImageFiles("Pixels", 8, 8, "File").Fit(data), data);
        }),
        ("Score", () =>
        {
            var data = s_ml.Keyed(TinyImages.Floats(9));
            return (new TinyTrainer(TinyImages.Options()).Fit(data), data);
        }),
    ];

    [TestMethod]
    [DynamicData(nameof(Transformers))]
    public void A_column_of_another_schema_is_out_of_range(string column, Func<(ITransformer Model, IDataView Data)> create)
    {
        var (model, data) = create();
        using var _ = model as IDisposable;
        var view = model.Transform(data);
        var wider = s_ml.Data.LoadFromEnumerable([new Wide()]).Schema;
        using var cursor = view.GetRowCursor([view.Schema[column]]);
        using var source = data.GetRowCursor(data.Schema);
        using var row = model.GetRowToRowMapper(data.Schema).GetRow(source, [view.Schema[column]]);

        foreach (var asked in new DataViewRow[] { cursor, row })
            foreach (var other in new[] { wider[0], wider[9] })
            {
                Assert.AreEqual("column", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => asked.IsColumnActive(other)).ParamName);
                Assert.StartsWith(
                    $"Column '{other.Name}' with the index {other.Index} is of another schema",
                    Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => asked.GetGetter<float>(other)).Message);
            }
    }

    [TestMethod]
    [DynamicData(nameof(Transformers))]
    public void No_column_is_active_that_was_not_asked_for(string column, Func<(ITransformer Model, IDataView Data)> create)
    {
        var (model, data) = create();
        using var _ = model as IDisposable;
        var view = model.Transform(data);
        using var cursor = view.GetRowCursor([view.Schema[column]]);

        CollectionAssert.AreEqual(new[] { view.Schema[column] }, view.Schema.Where(cursor.IsColumnActive).ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(Transformers))]
    public void A_getter_needs_a_cursor_that_stands_at_a_row(string column, Func<(ITransformer Model, IDataView Data)> create)
    {
        var (model, data) = create();
        using var _ = model as IDisposable;
        var view = model.Transform(data);
        using var cursor = view.GetRowCursor([view.Schema[column]]);
        if (view.Schema[column].Type is VectorDataViewType { ItemType: var item } && item == NumberDataViewType.Byte)
            Check<byte>();
        else
            Check<float>();

        void Check<T>()
        {
            var getter = cursor.GetGetter<VBuffer<T>>(view.Schema[column]);
            Refused();
            int rows = 0;
            for (VBuffer<T> value = default; cursor.MoveNext(); rows++)
                getter(ref value);
            Assert.AreEqual(data.GetRowCount() ?? 3, rows);
            Refused();

            void Refused() => Assert.AreEqual(
                "The cursor stands at no row: MoveNext was not called yet, or it returned false.",
                Assert.ThrowsExactly<InvalidOperationException>(() =>
                {
                    VBuffer<T> value = default;
                    getter(ref value);
                }).Message);
        }
    }

    private sealed class Wide
    {
        public float A0 { get; set; }

        public float A1 { get; set; }

        public float A2 { get; set; }

        public float A3 { get; set; }

        public float A4 { get; set; }

        public float A5 { get; set; }

        public float A6 { get; set; }

        public float A7 { get; set; }

        public float A8 { get; set; }

        public float A9 { get; set; }
    }
}
