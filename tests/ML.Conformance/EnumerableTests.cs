using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

[TestClass]
public class EnumerableTests
{
    private readonly MLContext _ml = new();

    [TestMethod]
    public void Members_become_columns_of_their_types()
    {
        var schema = _ml.Data.LoadFromEnumerable(new List<Everything>()).Schema;

        Assert.AreEqual("Flag: Boolean", schema["Flag"].ToString());
        Assert.AreEqual("Text: String", schema["Text"].ToString());
        Assert.AreEqual("Label: Key<UInt32, 0-2>", schema["Label"].ToString());
        Assert.AreEqual("Pixels: Vector<Single, 1, 2, 2>", schema["Pixels"].ToString());
        Assert.AreEqual("Sized: Vector<Byte, 2>", schema["Sized"].ToString());
        Assert.AreEqual("Words: Vector<String>", schema["Words"].ToString());
        Assert.AreEqual("Buffer: Vector<Double>", schema["Buffer"].ToString());
        Assert.AreEqual("renamed: Int32", schema["renamed"].ToString());
        Assert.IsNull(schema.GetColumnOrNull("Hidden"));
    }

    [TestMethod]
    public void Values_survive_the_way_into_a_data_view_and_back()
    {
        var row = new Everything
        {
            Flag = true, Text = "hi", Pixels = [1, 2, 3, 4], Sized = [5, 6], Words = ["a", "b"], Count = 7,
            Buffer = new VBuffer<double>(3, 1, [0.5], [1]),
        };
        var back = _ml.Data.CreateEnumerable<Everything>(_ml.Data.LoadFromEnumerable([row]), false).Single();

        Assert.IsTrue(back.Flag);
        Assert.AreEqual("hi", back.Text);
        CollectionAssert.AreEqual(row.Pixels, back.Pixels);
        Assert.AreNotSame(row.Pixels, back.Pixels);
        CollectionAssert.AreEqual(row.Sized, back.Sized);
        CollectionAssert.AreEqual(row.Words, back.Words);
        CollectionAssert.AreEqual(new[] { 0, 0.5, 0 }, back.Buffer.DenseValues().ToArray());
        Assert.AreEqual(7, back.Count);
        Assert.AreEqual("unread", back.Hidden);
    }

    [TestMethod]
    public void Missing_text_and_arrays_are_empty_in_columns()
    {
        var data = _ml.Data.LoadFromEnumerable([new Everything()]);

        Assert.AreEqual("", data.GetColumn<string>("Text").Single());
        Assert.IsEmpty(data.GetColumn<float[]>("Pixels").Single());
        Assert.IsEmpty(data.GetColumn<string[]>("Words").Single());
    }

    [TestMethod]
    public void An_object_without_an_array_keeps_none_for_an_empty_vector()
    {
        var data = _ml.Data.LoadFromEnumerable([new Everything()]);

        var back = _ml.Data.CreateEnumerable<Everything>(data, false).Single();

        Assert.AreEqual("", back.Text);
        Assert.IsNull(back.Pixels);
        Assert.IsNull(back.Words);
    }

    [TestMethod]
    public void Keys_count_from_zero_in_objects_and_from_one_in_columns()
    {
        var data = _ml.Data.LoadFromEnumerable(
            new uint[] { 0, 2, 3 }.Select(label => new Everything { Label = label }));

        CollectionAssert.AreEqual(new uint[] { 1, 3, 0 }, data.GetColumn<uint>("Label").ToArray());
        CollectionAssert.AreEqual(
            new uint[] { 1, 3, 0 },
            _ml.Data.CreateEnumerable<Everything>(data, reuseRowObject: true).Select(row => row.Label).ToArray());
    }

    [TestMethod]
    public void Rows_come_as_fresh_objects_or_as_one_object()
    {
        var data = _ml.Data.LoadFromEnumerable([new Everything { Count = 1 }, new Everything { Count = 2 }]);

        var fresh = _ml.Data.CreateEnumerable<Everything>(data, reuseRowObject: false).ToList();
        CollectionAssert.AreEqual(new[] { 1, 2 }, fresh.Select(row => row.Count).ToArray());
        var reused = _ml.Data.CreateEnumerable<Everything>(data, reuseRowObject: true).ToList();
        Assert.AreSame(reused[0], reused[1]);
        Assert.AreEqual(2, reused[0].Count);
    }

    [TestMethod]
    public void A_member_without_column_is_an_error_unless_ignored()
    {
        var data = _ml.Data.LoadFromEnumerable([new Everything()]);

        var missing = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Data.CreateEnumerable<Other>(data, false));
        StringAssert.Contains(missing.Message, "column 'Elsewhere'");
        var row = _ml.Data.CreateEnumerable<Other>(data, false, ignoreMissingColumns: true).Single();
        Assert.AreEqual(5f, row.Elsewhere);
    }

    [TestMethod]
    public void A_member_of_another_type_is_an_error_that_names_both()
    {
        var data = _ml.Data.LoadFromEnumerable([new Everything()]);
        var wrong = Assert.ThrowsExactly<InvalidOperationException>(
            () => _ml.Data.CreateEnumerable<WrongType>(data, false));
        Assert.AreEqual(
            "Can't bind the IDataView column 'Flag' of type 'Boolean' to field or property 'Flag' of type 'System.Single'.",
            wrong.Message);
    }

    [TestMethod]
    public void A_definition_can_rename_and_size_columns()
    {
        var definition = SchemaDefinition.Create(typeof(Sizes));
        definition["Values"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 3);
        definition["Values"].ColumnName = "Features";
        var data = _ml.Data.LoadFromEnumerable([new Sizes { Values = [1, 2, 3] }], definition);

        Assert.AreEqual("Values", definition["Features"].MemberName);
        Assert.AreEqual("Features: Vector<Single, 3>", data.Schema.Single().ToString());
        CollectionAssert.AreEqual(new[] { 1f, 2, 3 }, data.GetColumn<float[]>("Features").Single());
        var back = _ml.Data.CreateEnumerable<Sizes>(data, false, schemaDefinition: definition).Single();
        CollectionAssert.AreEqual(new[] { 1f, 2, 3 }, back.Values);

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => definition["Wrong"] = definition["Features"]);
        definition["Features"].ColumnType = NumberDataViewType.Single;
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Data.LoadFromEnumerable([new Sizes()], definition));
    }

    [TestMethod]
    public void A_schema_gives_objects_its_types_and_annotations()
    {
        var names = new DataViewSchema.Annotations.Builder();
        names.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, 2), (ref VBuffer<ReadOnlyMemory<char>> value) =>
            value = new VBuffer<ReadOnlyMemory<char>>(2, ["x".AsMemory(), "y".AsMemory()]));
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Values", new VectorDataViewType(NumberDataViewType.Single, 2), names.ToAnnotations());
        var data = _ml.Data.LoadFromEnumerable([new Sizes { Values = [1, 2] }], builder.ToSchema());

        Assert.AreEqual("Values: Vector<Single, 2> {SlotNames}", data.Schema["Values"].ToString());
        builder.AddColumn("Unknown", NumberDataViewType.Single);
        var missing = Assert.ThrowsExactly<InvalidOperationException>(
            () => _ml.Data.LoadFromEnumerable([new Sizes()], builder.ToSchema()));
        Assert.AreEqual("Type should contain a member named Unknown", missing.Message);
    }

    [TestMethod]
    public void Attributes_that_do_not_fit_their_member_are_refused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.LoadFromEnumerable([new ScalarVector()]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.LoadFromEnumerable([new SignedKey()]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.LoadFromEnumerable([new TwiceTheSame()]));
        var unknown = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Data.LoadFromEnumerable([new UnknownType()]));
        StringAssert.Contains(unknown.Message, "Could not determine an IDataView type");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VectorTypeAttribute(-1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VectorTypeAttribute(2, -1));
    }

    [TestMethod]
    public void A_sequence_is_read_lazily_anew_for_each_cursor_and_knows_its_count_if_it_can()
    {
        int read = 0;
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 3).Select(i =>
        {
            read++;
            return new Everything { Count = i };
        }));

        Assert.AreEqual(0, read);
        Assert.AreEqual(3, data.GetColumn<int>("renamed").Count());
        Assert.AreEqual(3, data.GetColumn<int>("renamed").Count());
        Assert.AreEqual(6, read);
        Assert.IsFalse(data.CanShuffle);
        Assert.IsNull(data.GetRowCount());
        Assert.AreEqual(1, _ml.Data.LoadFromEnumerable(new List<Everything> { new() }).GetRowCount());
    }

    [TestMethod]
    public void A_null_object_is_refused_when_it_is_met()
    {
        var data = _ml.Data.LoadFromEnumerable([new Everything(), null!]);
        var refused = Assert.ThrowsExactly<InvalidOperationException>(() => data.GetColumn<int>("renamed").Count());
        Assert.AreEqual("Encountered null when iterating over data, this is not supported.", refused.Message);
    }

    [TestMethod]
    public void A_column_is_read_as_values_strings_or_arrays()
    {
        var data = _ml.Data.LoadFromEnumerable(
            [new Everything { Text = "hi", Words = ["a", "b"], Pixels = [1, 2, 3, 4] }]);

        Assert.AreEqual("hi", data.GetColumn<string>("Text").Single());
        Assert.AreEqual("hi", data.GetColumn<ReadOnlyMemory<char>>("Text").Single().ToString());
        CollectionAssert.AreEqual(new[] { "a", "b" }, data.GetColumn<string[]>("Words").Single());
        CollectionAssert.AreEqual(new[] { 1f, 2, 3, 4 }, data.GetColumn<float[]>(data.Schema["Pixels"]).Single());
        Assert.AreEqual(4, data.GetColumn<VBuffer<float>>("Pixels").Single().Length);
    }

    [TestMethod]
    public void A_column_is_not_read_as_what_it_is_not()
    {
        var data = _ml.Data.LoadFromEnumerable([new Everything()]);

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => data.GetColumn<float>("Text"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => data.GetColumn<float[]>("Text"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => data.GetColumn<double[]>("Pixels"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => data.GetColumn<float>("Nowhere"));
        var foreign = _ml.Data.LoadFromEnumerable([new Sizes()]).Schema[0];
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => data.GetColumn<float[]>(foreign));
    }

    private sealed class Everything
    {
        public bool Flag { get; set; }

        public string? Text { get; set; }

        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(1, 2, 2)]
        public float[]? Pixels;

        [VectorType(2)]
        public byte[]? Sized { get; set; }

        [VectorType]
        public string[]? Words { get; set; }

        public VBuffer<double> Buffer { get; set; }

        [ColumnName("renamed")]
        public int Count { get; set; }

        [NoColumn]
        public string Hidden { get; set; } = "unread";
    }

    private sealed class Other
    {
        public float Elsewhere { get; set; } = 5;
    }

    private sealed class WrongType
    {
        public float Flag { get; set; }
    }

    private sealed class Sizes
    {
        public float[]? Values { get; set; }
    }

    private sealed class ScalarVector
    {
        [VectorType(2)]
        public float Value { get; set; }
    }

    private sealed class SignedKey
    {
        [KeyType(3)]
        public int Value { get; set; }
    }

    private sealed class TwiceTheSame
    {
        public int A { get; set; }

        [ColumnName("A")]
        public int B { get; set; }
    }

    private sealed class UnknownType
    {
        public Version? Value { get; set; }
    }
}
