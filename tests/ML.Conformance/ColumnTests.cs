using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

[TestClass]
public sealed class ColumnTests
{
    private readonly MLContext _ml = new(seed: 1);

    public sealed class Row
    {
        public float A;
        public float B;

        [VectorType(2, 1, 2)]
        public float[] Image = [];

        public int Number;
        public string Text = "";
    }

    public sealed class Joined
    {
        [VectorType(6)]
        public float[] All = [];
    }

    private IDataView Data => _ml.Data.LoadFromEnumerable(
    [
        new Row { A = 1, B = 2, Image = [3, 4, 5, 6], Number = 7, Text = "x" },
        new Row { A = -1, B = 0, Image = [0, 0, 0, 9], Number = 8, Text = "y" },
    ]);

    private static string[] SlotNames(DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return names.DenseValues().Select(name => name.ToString()).ToArray();
    }

    private static string[] Describe(DataViewSchema schema) => schema.Select(column => column.ToString()).ToArray();

    [TestMethod]
    public void A_copy_has_the_type_annotations_and_values_of_its_source()
    {
        var data = _ml.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(Data).Transform(Data);
        var copied = _ml.Transforms.CopyColumns("Copy", "Key").Append(_ml.Transforms.CopyColumns("Picture", "Image")).Fit(data).Transform(data);

        Assert.AreEqual("Copy: Key<UInt32, 0-1> {KeyValues}", copied.Schema["Copy"].ToString());
        Assert.AreEqual("Picture: Vector<Single, 2, 1, 2>", copied.Schema["Picture"].ToString());
        CollectionAssert.AreEqual(new uint[] { 1, 2 }, copied.GetColumn<uint>("Copy").ToArray());
        CollectionAssert.AreEqual(new float[] { 3, 4, 5, 6 }, copied.GetColumn<float[]>("Picture").First());
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.CopyColumns("Copy", "Nope").Fit(data)).Message,
            "Could not find input column 'Nope'");
    }

    [TestMethod]
    public void Concatenation_joins_scalars_and_vectors_and_names_the_slots()
    {
        var data = _ml.Transforms.Concatenate("Two", "B", "A").Append(_ml.Transforms.Concatenate("All", "A", "Two", "Image"))
            .Fit(Data).Transform(Data);

        Assert.AreEqual("Two: Vector<Single, 2> {SlotNames}", data.Schema["Two"].ToString());
        CollectionAssert.AreEqual(new[] { "B", "A" }, SlotNames(data.Schema["Two"]));
        CollectionAssert.AreEqual(new[] { "A", "Two.B", "Two.A", "", "", "", "" }, SlotNames(data.Schema["All"]));
        CollectionAssert.AreEqual(new float[] { 1, 2, 1, 3, 4, 5, 6 }, data.GetColumn<float[]>("All").First());
        CollectionAssert.AreEqual(new float[] { -1, 0, -1, 0, 0, 0, 9 }, data.GetColumn<float[]>("All").Last());
    }

    [TestMethod]
    public void Concatenation_of_one_vector_keeps_its_dimensions()
    {
        var data = _ml.Transforms.Concatenate("Features", "Image").Fit(Data).Transform(Data);

        Assert.AreEqual("Features: Vector<Single, 2, 1, 2>", data.Schema["Features"].ToString());
        CollectionAssert.AreEqual(new float[] { 3, 4, 5, 6 }, data.GetColumn<float[]>("Features").First());

        var scalar = _ml.Transforms.Concatenate("Features", "Number").Fit(Data).Transform(Data);
        Assert.AreEqual("Features: Vector<Int32, 1> {SlotNames}", scalar.Schema["Features"].ToString());
    }

    [TestMethod]
    public void Concatenation_of_normalized_columns_is_normalized()
    {
        var data = _ml.Transforms.NormalizeMinMax("A").Append(_ml.Transforms.NormalizeMinMax("B"))
            .Append(_ml.Transforms.Concatenate("AB", "A", "B")).Append(_ml.Transforms.Concatenate("Mixed", "A", "Image"))
            .Fit(Data).Transform(Data);

        bool normalized = false;
        data.Schema["AB"].Annotations.GetValue("IsNormalized", ref normalized);
        Assert.IsTrue(normalized);
        Assert.IsNull(data.Schema["Mixed"].Annotations.Schema.GetColumnOrNull("IsNormalized"));
    }

    [TestMethod]
    public void Concatenation_refuses_other_types_keys_and_nothing()
    {
        var mixed = _ml.Transforms.Concatenate("All", "A", "Number");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => mixed.Fit(Data).Transform(Data)).Message,
            "Schema mismatch for input column 'Number': expected Single, got Int32");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => mixed.GetOutputSchema(Shapes.Of(_ml, Data))).Message,
            "Column 'Number' has type of Int32, but expected column type is Single.");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() =>
                _ml.Transforms.Conversion.MapValueToKey("Text").Append(_ml.Transforms.Concatenate("Keys", "Text")).Fit(Data)).Message,
            "Column 'Text' is key. Concatenation of keys is unsupported.");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.Concatenate("All")).Message,
            "Input columns not specified");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.Concatenate("All", "A", "Nope").Fit(Data).Transform(Data));
    }

    [TestMethod]
    public void Selected_columns_come_in_the_order_asked_for()
    {
        var selected = _ml.Transforms.SelectColumns("Number", "A").Fit(Data).Transform(Data);

        CollectionAssert.AreEqual(new[] { "Number: Int32", "A: Single" }, Describe(selected.Schema));
        CollectionAssert.AreEqual(new[] { 7, 8 }, selected.GetColumn<int>("Number").ToArray());
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.SelectColumns("A", "Nope").Fit(Data)).Message,
            "Could not find input column 'Nope'");
    }

    [TestMethod]
    public void Dropped_columns_are_gone_and_the_others_stay()
    {
        var dropped = _ml.Transforms.DropColumns("A", "Image").Fit(Data).Transform(Data);

        CollectionAssert.AreEqual(new[] { "B: Single", "Number: Int32", "Text: String" }, Describe(dropped.Schema));
        CollectionAssert.AreEqual(new[] { "x", "y" }, dropped.GetColumn<string>("Text").ToArray());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.DropColumns("Nope").Fit(Data));
        Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Transforms.DropColumns());
    }

    [TestMethod]
    public void A_dropped_column_is_never_computed()
    {
        var probe = new ProbeView(Data, addOpaqueColumn: true);
        var dropped = _ml.Transforms.DropColumns("Opaque").Fit(probe).Transform(probe);

        CollectionAssert.AreEqual(new[] { 1f, -1f }, dropped.GetColumn<float>("A").ToArray());
        Assert.AreEqual(1, probe.CursorCount);
    }

    [TestMethod]
    public void Column_transforms_survive_saving_and_loading_and_predict_row_by_row()
    {
        var model = _ml.Transforms.CopyColumns("Picture", "Image").Append(_ml.Transforms.Concatenate("All", "B", "Picture", "A"))
            .Append(_ml.Transforms.DropColumns("Picture")).Append(_ml.Transforms.SelectColumns("All", "Number")).Fit(Data);
        var loaded = _ml.SaveAndLoad(model, Data.Schema);
        var (expected, actual) = (model.Transform(Data), loaded.Transform(Data));

        CollectionAssert.AreEqual(Describe(expected.Schema), Describe(actual.Schema));
        CollectionAssert.AreEqual(new float[] { 2, 3, 4, 5, 6, 1 }, actual.GetColumn<float[]>("All").First());
        using var engine = _ml.Model.CreatePredictionEngine<Row, Joined>(loaded);
        CollectionAssert.AreEqual(
            new float[] { 0, 6, 7, 8, 9, 5 }, engine.Predict(new Row { A = 5, Image = [6, 7, 8, 9] }).All);
    }

    [TestMethod]
    public void Transformed_views_can_be_read_by_several_cursors()
    {
        var data = _ml.Transforms.SelectColumns("Number").Fit(Data).Transform(Data);
        int count = 0;
        foreach (var cursor in data.GetRowCursorSet(data.Schema, 2))
        {
            using (cursor)
            {
                while (cursor.MoveNext())
                    count++;
            }
        }
        Assert.AreEqual(2, count);
    }
}
