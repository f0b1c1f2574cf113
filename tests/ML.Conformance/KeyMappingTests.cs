using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace ML.Conformance;

[TestClass]
public sealed class KeyMappingTests
{
    private readonly MLContext _ml = new(seed: 1);

    public sealed class Row
    {
        public string Name = "";
        public float Number;
        public int Code;

        [VectorType(2)]
        public string[] Pair = [];
    }

    public sealed class Term
    {
        public string Name = "";
    }

    public sealed class Predicted
    {
        public uint Key;
        public string Back = "";
    }

    private static readonly Row[] s_rows =
    [
        new() { Name = "ship", Number = 3, Code = 30, Pair = ["a", "b"] },
        new() { Name = "cat", Number = float.NaN, Code = 10, Pair = ["b", "c"] },
        new() { Name = "", Number = 1, Code = 30, Pair = ["", "a"] },
        new() { Name = "Dog", Number = 3, Code = 20, Pair = ["c", "c"] },
        new() { Name = "cat", Number = 2, Code = 10, Pair = ["a", "a"] },
    ];

    private IDataView Data => _ml.Data.LoadFromEnumerable(s_rows);

    private static string[] KeyValues(DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> values = default;
        column.Annotations.GetValue("KeyValues", ref values);
        return values.DenseValues().Select(value => value.ToString()).ToArray();
    }

    [TestMethod]
    public void Keys_count_from_one_in_order_of_occurrence_and_empty_text_is_missing()
    {
        var mapped = _ml.Transforms.Conversion.MapValueToKey("Key", "Name").Fit(Data).Transform(Data);

        Assert.AreEqual(new KeyDataViewType(typeof(uint), 3), mapped.Schema["Key"].Type);
        CollectionAssert.AreEqual(new uint[] { 1, 2, 0, 3, 2 }, mapped.GetColumn<uint>("Key").ToArray());
        CollectionAssert.AreEqual(new[] { "ship", "cat", "Dog" }, KeyValues(mapped.Schema["Key"]));
    }

    [TestMethod]
    public void Keys_can_be_in_order_of_value_with_capitals_first()
    {
        var mapped = _ml.Transforms.Conversion
            .MapValueToKey("Name", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(Data).Transform(Data);

        CollectionAssert.AreEqual(new[] { "Dog", "cat", "ship" }, KeyValues(mapped.Schema["Name"]));
        CollectionAssert.AreEqual(new uint[] { 3, 2, 0, 1, 2 }, mapped.GetColumn<uint>("Name").ToArray());
    }

    [TestMethod]
    public void Values_not_seen_in_training_are_missing()
    {
        var model = _ml.Transforms.Conversion.MapValueToKey("Key", "Name").Fit(Data);
        var others = _ml.Data.LoadFromEnumerable([new Row { Name = "plane" }, new Row { Name = "Cat" }, new Row { Name = "cat" }]);

        CollectionAssert.AreEqual(new uint[] { 0, 0, 2 }, model.Transform(others).GetColumn<uint>("Key").ToArray());
    }

    [TestMethod]
    public void Numbers_are_mapped_and_NaN_is_missing()
    {
        var mapped = _ml.Transforms.Conversion.MapValueToKey("Key", "Number").Fit(Data).Transform(Data);

        CollectionAssert.AreEqual(new uint[] { 1, 0, 2, 1, 3 }, mapped.GetColumn<uint>("Key").ToArray());
        VBuffer<float> values = default;
        mapped.Schema["Key"].Annotations.GetValue("KeyValues", ref values);
        CollectionAssert.AreEqual(new[] { 3f, 1f, 2f }, values.DenseValues().ToArray());
    }

    [TestMethod]
    public void Key_values_of_numbers_can_be_given_as_text()
    {
        var mapped = _ml.Transforms.Conversion
            .MapValueToKey("Key", "Code", addKeyValueAnnotationsAsText: true).Fit(Data).Transform(Data);

        CollectionAssert.AreEqual(new[] { "30", "10", "20" }, KeyValues(mapped.Schema["Key"]));
        CollectionAssert.AreEqual(new uint[] { 1, 2, 1, 3, 2 }, mapped.GetColumn<uint>("Key").ToArray());
    }

    [TestMethod]
    public void Learning_stops_at_the_maximum_number_of_keys()
    {
        var mapped = _ml.Transforms.Conversion.MapValueToKey("Key", "Name", maximumNumberOfKeys: 2).Fit(Data).Transform(Data);

        CollectionAssert.AreEqual(new uint[] { 1, 2, 0, 0, 2 }, mapped.GetColumn<uint>("Key").ToArray());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Transforms.Conversion.MapValueToKey("Key", "Name", maximumNumberOfKeys: 0).Fit(Data));
    }

    [TestMethod]
    public void The_terms_can_be_given_as_data()
    {
        var terms = _ml.Data.LoadFromEnumerable([new Term { Name = "Dog" }, new Term { Name = "plane" }]);
        var mapped = _ml.Transforms.Conversion.MapValueToKey("Key", "Name", keyData: terms).Fit(Data).Transform(Data);

        CollectionAssert.AreEqual(new[] { "Dog", "plane" }, KeyValues(mapped.Schema["Key"]));
        CollectionAssert.AreEqual(new uint[] { 0, 0, 0, 1, 0 }, mapped.GetColumn<uint>("Key").ToArray());
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _ml.Transforms.Conversion.MapValueToKey("Key", "Name", keyData: Data)).Message,
            "this data view should contain only a single column");
    }

    [TestMethod]
    public void Vectors_are_mapped_slot_by_slot_and_back()
    {
        var model = _ml.Transforms.Conversion.MapValueToKey("Keys", "Pair")
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Back", "Keys")).Fit(Data);
        var mapped = model.Transform(Data);

        Assert.AreEqual("Vector<Key<UInt32, 0-2>, 2>", mapped.Schema["Keys"].Type.ToString());
        CollectionAssert.AreEqual(new uint[] { 2, 3 }, mapped.GetColumn<uint[]>("Keys").ElementAt(1));
        CollectionAssert.AreEqual(new uint[] { 0, 1 }, mapped.GetColumn<uint[]>("Keys").ElementAt(2));
        CollectionAssert.AreEqual(new[] { "", "a" }, mapped.GetColumn<string[]>("Back").ElementAt(2));
    }

    [TestMethod]
    public void Keys_map_back_to_their_values_and_the_missing_key_to_the_missing_value()
    {
        var model = _ml.Transforms.Conversion.MapValueToKey("Name").Append(_ml.Transforms.Conversion.MapValueToKey("Number"))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Name")).Append(_ml.Transforms.Conversion.MapKeyToValue("Number")).Fit(Data);
        var back = model.Transform(Data);

        Assert.AreEqual("Name: String", back.Schema["Name"].ToString());
        CollectionAssert.AreEqual(s_rows.Select(row => row.Name).ToArray(), back.GetColumn<string>("Name").ToArray());
        CollectionAssert.AreEqual(s_rows.Select(row => row.Number).ToArray(), back.GetColumn<float>("Number").ToArray());
    }

    [TestMethod]
    public void Mapping_back_needs_keys_with_values()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _ml.Transforms.Conversion.MapKeyToValue("Name").GetOutputSchema(ShapeOf(Data))).Message,
            "Schema mismatch for input column 'Name': expected KeyType, got String");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Transforms.Conversion.MapKeyToValue("Nope").Fit(Data)).Message,
            "Could not find input column 'Nope'");
    }

    [TestMethod]
    public void Mapping_needs_an_existing_column_of_its_own_type()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _ml.Transforms.Conversion.MapValueToKey("Key", "Nope").Fit(Data)).Message,
            "Could not find input column 'Nope'");
        var model = _ml.Transforms.Conversion.MapValueToKey("Key", "Name").Fit(Data);
        var numbers = _ml.Transforms.CopyColumns("Name", "Code").Fit(Data).Transform(Data);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => model.Transform(numbers)).Message,
            "Could not apply a map over type 'String' to column 'Key' since it has type 'Int32'");
    }

    [TestMethod]
    public void The_estimators_foretell_their_output()
    {
        var shape = _ml.Transforms.Conversion.MapValueToKey("Key", "Name")
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Back", "Key")).GetOutputSchema(ShapeOf(Data));
        var key = shape.Single(column => column.Name == "Key");
        var back = shape.Single(column => column.Name == "Back");

        Assert.IsTrue(key.IsKey);
        Assert.AreEqual(NumberDataViewType.UInt32, key.ItemType);
        Assert.AreEqual("KeyValues", key.Annotations.Single().Name);
        Assert.IsFalse(back.IsKey);
        Assert.AreEqual(TextDataViewType.Instance, back.ItemType);
    }

    [TestMethod]
    public void Mappings_survive_saving_and_loading()
    {
        var model = _ml.Transforms.Conversion.MapValueToKey("Key", "Name")
            .Append(_ml.Transforms.Conversion.MapValueToKey("NumberKey", "Number"))
            .Append(_ml.Transforms.Conversion.MapValueToKey("CodeKey", "Code", addKeyValueAnnotationsAsText: true))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Back", "Key")).Fit(Data);
        var loaded = _ml.SaveAndLoad(model, Data.Schema).Transform(Data);
        var expected = model.Transform(Data);

        CollectionAssert.AreEqual(
            expected.Schema.Select(column => column.ToString()).ToArray(), loaded.Schema.Select(column => column.ToString()).ToArray());
        foreach (string column in new[] { "Key", "NumberKey", "CodeKey" })
            CollectionAssert.AreEqual(expected.GetColumn<uint>(column).ToArray(), loaded.GetColumn<uint>(column).ToArray());
        CollectionAssert.AreEqual(new[] { "30", "10", "20" }, KeyValues(loaded.Schema["CodeKey"]));
        CollectionAssert.AreEqual(s_rows.Select(row => row.Name).ToArray(), loaded.GetColumn<string>("Back").ToArray());
    }

    [TestMethod]
    public void Mappings_predict_row_by_row()
    {
        var model = _ml.Transforms.Conversion.MapValueToKey("Key", "Name")
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Back", "Key")).Fit(Data);
        using var engine = _ml.Model.CreatePredictionEngine<Row, Predicted>(model);

        var known = engine.Predict(new Row { Name = "cat" });
        Assert.AreEqual(2u, known.Key);
        Assert.AreEqual("cat", known.Back);
        Assert.AreEqual(0u, engine.Predict(new Row { Name = "plane" }).Key);
    }

    [TestMethod]
    public void Nothing_to_learn_gives_one_key_without_a_value()
    {
        var data = _ml.Data.LoadFromEnumerable([new Row()]);
        var mapped = _ml.Transforms.Conversion.MapValueToKey("Key", "Name").Fit(data).Transform(data);

        Assert.AreEqual(new KeyDataViewType(typeof(uint), 1), mapped.Schema["Key"].Type);
        Assert.AreEqual(0u, mapped.GetColumn<uint>("Key").Single());
        Assert.AreEqual(0, mapped.Schema["Key"].Annotations.Schema.Count);
    }

    [TestMethod]
    public void Keys_of_keys_stand_for_the_first_values()
    {
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Key", "Name").Fit(Data).Transform(Data);
        // The rows behind the first have the keys 2, 0, 3, 2.
        var rest = _ml.Data.SkipRows(keyed, 1);
        var estimator = _ml.Transforms.Conversion.MapValueToKey("Again", "Key");
        var model = estimator.Fit(rest);
        var mapped = model.Transform(keyed);

        Assert.AreEqual("Again: Key<UInt32, 0-1> {KeyValues}", mapped.Schema["Again"].ToString());
        CollectionAssert.AreEqual(new uint[] { 0, 1, 0, 2, 1 }, mapped.GetColumn<uint>("Again").ToArray());
        CollectionAssert.AreEqual(new[] { "cat", "Dog" }, KeyValues(mapped.Schema["Again"]));
        Assert.AreEqual(
            TextDataViewType.Instance,
            estimator.GetOutputSchema(ShapeOf(rest)).Single(column => column.Name == "Again").Annotations.Single().ItemType);

        var loaded = _ml.SaveAndLoad(model, rest.Schema).Transform(keyed);
        CollectionAssert.AreEqual(new uint[] { 0, 1, 0, 2, 1 }, loaded.GetColumn<uint>("Again").ToArray());
        CollectionAssert.AreEqual(new[] { "cat", "Dog" }, KeyValues(loaded.Schema["Again"]));
    }

    private SchemaShape ShapeOf(IDataView data) => Shapes.Of(_ml, data);
}
