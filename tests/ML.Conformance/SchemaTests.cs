using System.Collections.Immutable;
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

[TestClass]
public class SchemaTests
{
    [TestMethod]
    public void The_last_column_of_a_name_hides_the_others()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("A", NumberDataViewType.Int32);
        builder.AddColumn("B", TextDataViewType.Instance);
        builder.AddColumn("A", NumberDataViewType.Single);
        var schema = builder.ToSchema();

        Assert.AreEqual(3, schema.Count);
        Assert.AreEqual(2, schema["A"].Index);
        Assert.AreEqual(NumberDataViewType.Single, schema["A"].Type);
        Assert.AreEqual("A", schema[0].Name);
        Assert.IsTrue(schema[0].IsHidden);
        Assert.IsFalse(schema[2].IsHidden);
        Assert.AreEqual("A B A", string.Join(" ", schema.Select(column => column.Name)));
        Assert.AreEqual("3 columns", schema.ToString());
    }

    [TestMethod]
    public void A_column_that_is_not_there_is_null_or_an_error_that_names_it()
    {
        var schema = SchemaOf(("A", NumberDataViewType.Int32));

        Assert.IsNull(schema.GetColumnOrNull("B"));
        Assert.AreEqual(0, schema.GetColumnOrNull("A")!.Value.Index);
        var byName = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => schema["B"]);
        StringAssert.Contains(byName.Message, "Column 'B' not found");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => schema[1]);
        Assert.ThrowsExactly<ArgumentNullException>(() => schema.GetColumnOrNull(""));
    }

    [TestMethod]
    public void Columns_are_copied_with_type_and_annotations_from_schemas_and_detached_columns()
    {
        var slots = Slots("x", "y");
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("V", new VectorDataViewType(NumberDataViewType.Single, 2), slots);
        var first = builder.ToSchema();

        var copy = new DataViewSchema.Builder();
        copy.AddColumns(first);
        var detached = new DataViewSchema.DetachedColumn("D", BooleanDataViewType.Instance);
        copy.AddColumns([detached]);
        var schema = copy.ToSchema();

        Assert.AreSame(slots, schema["V"].Annotations);
        Assert.AreEqual("V: Vector<Single, 2> {SlotNames}", schema["V"].ToString());
        Assert.AreEqual("D: Boolean", schema["D"].ToString());
        Assert.AreEqual(0, schema["D"].Annotations.Schema.Count);
        Assert.AreSame(DataViewSchema.Annotations.Empty, schema["D"].Annotations);
        Assert.AreEqual("D", detached.Name);
        Assert.AreEqual(BooleanDataViewType.Instance, detached.Type);
        Assert.AreEqual(0, detached.Annotations.Schema.Count);
    }

    [TestMethod]
    public void Columns_need_a_name_and_a_type()
    {
        var builder = new DataViewSchema.Builder();
        Assert.ThrowsExactly<ArgumentNullException>(() => builder.AddColumn("", NumberDataViewType.Int32));
        Assert.ThrowsExactly<ArgumentNullException>(() => builder.AddColumn("A", null));
    }

    [TestMethod]
    public void Annotations_give_the_values_they_were_built_with()
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add("Kind", TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = "Score".AsMemory());
        ValueGetter<float> half = (ref float value) => value = 0.5f;
        builder.Add("Half", NumberDataViewType.Single, (Delegate)half);
        builder.Add(Slots("x", "y"), kind => kind == "SlotNames");
        builder.Add(Slots("left", "out"), kind => false);
        builder.Add(null, kind => true);
        var annotations = builder.ToAnnotations();

        Assert.AreEqual("Kind, Half, SlotNames", annotations.ToString());
        ReadOnlyMemory<char> kind = default;
        annotations.GetValue("Kind", ref kind);
        Assert.AreEqual("Score", kind.ToString());
        float number = 0;
        annotations.GetGetter<float>(annotations.Schema["Half"])(ref number);
        Assert.AreEqual(0.5f, number);
        VBuffer<ReadOnlyMemory<char>> names = default;
        annotations.GetValue("SlotNames", ref names);
        CollectionAssert.AreEqual(new[] { "x", "y" }, names.DenseValues().Select(name => name.ToString()).ToArray());
    }

    [TestMethod]
    public void Annotations_refuse_wrong_kinds_and_types()
    {
        var builder = new DataViewSchema.Annotations.Builder();
        ValueGetter<float> getter = (ref float value) => value = 1;
        Assert.ThrowsExactly<ArgumentException>(() => builder.Add("A", NumberDataViewType.Double, getter));
        var untyped = Assert.ThrowsExactly<TargetInvocationException>(
            () => builder.Add("A", NumberDataViewType.Double, (Delegate)getter));
        Assert.IsInstanceOfType<ArgumentException>(untyped.InnerException);

        builder.Add("A", NumberDataViewType.Single, getter);
        var annotations = builder.ToAnnotations();
        float single = 0;
        double number = 0;
        Assert.ThrowsExactly<InvalidOperationException>(() => annotations.GetValue("B", ref single));
        Assert.ThrowsExactly<InvalidOperationException>(() => annotations.GetValue("A", ref number));
    }

    [TestMethod]
    public void Slot_names_and_key_values_are_read_through_the_column()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("V", new VectorDataViewType(NumberDataViewType.Single, 2), Slots("x", "y"));
        var keys = new DataViewSchema.Annotations.Builder();
        keys.Add("KeyValues", new VectorDataViewType(NumberDataViewType.Int32, 2), (ref VBuffer<int> value) =>
            value = new VBuffer<int>(2, [40, 50]));
        builder.AddColumn("K", new KeyDataViewType(typeof(uint), 2), keys.ToAnnotations());
        var schema = builder.ToSchema();

        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["V"].GetSlotNames(ref names);
        Assert.AreEqual("y", names.GetItemOrDefault(1).ToString());
        VBuffer<int> values = default;
        schema["K"].GetKeyValues(ref values);
        CollectionAssert.AreEqual(new[] { 40, 50 }, values.DenseValues().ToArray());
    }

    [TestMethod]
    public void Simple_types_know_their_raw_type_and_name()
    {
        (DataViewType Type, Type Raw, string Name)[] types =
        [
            (NumberDataViewType.SByte, typeof(sbyte), "SByte"), (NumberDataViewType.Byte, typeof(byte), "Byte"),
            (NumberDataViewType.Int16, typeof(short), "Int16"), (NumberDataViewType.UInt16, typeof(ushort), "UInt16"),
            (NumberDataViewType.Int32, typeof(int), "Int32"), (NumberDataViewType.UInt32, typeof(uint), "UInt32"),
            (NumberDataViewType.Int64, typeof(long), "Int64"), (NumberDataViewType.UInt64, typeof(ulong), "UInt64"),
            (NumberDataViewType.Single, typeof(float), "Single"), (NumberDataViewType.Double, typeof(double), "Double"),
            (BooleanDataViewType.Instance, typeof(bool), "Boolean"),
            (TextDataViewType.Instance, typeof(ReadOnlyMemory<char>), "String"),
        ];
        foreach (var (type, raw, name) in types)
        {
            Assert.AreEqual(raw, type.RawType);
            Assert.AreEqual(name, type.ToString());
            Assert.AreEqual(1, types.Count(other => type.Equals(other.Type)), name);
        }
    }

    [TestMethod]
    public void Keys_are_equal_by_type_and_count()
    {
        var key = new KeyDataViewType(typeof(uint), 10);

        Assert.AreEqual("Key<UInt32, 0-9>", key.ToString());
        Assert.AreEqual(10ul, key.Count);
        Assert.AreEqual(key, new KeyDataViewType(typeof(uint), 10ul));
        Assert.AreEqual(key.GetHashCode(), new KeyDataViewType(typeof(uint), 10ul).GetHashCode());
        Assert.AreNotEqual(key, new KeyDataViewType(typeof(uint), 11));
        Assert.AreNotEqual(key, new KeyDataViewType(typeof(byte), 10));
        Assert.IsTrue(KeyDataViewType.IsValidDataType(typeof(ushort)));
        Assert.IsFalse(KeyDataViewType.IsValidDataType(typeof(int)));
    }

    [TestMethod]
    public void Keys_refuse_signed_types_and_counts_out_of_range()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(int), 10));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(uint), 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(uint), -1));
        var tooMany = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(byte), 256ul));
        StringAssert.Contains(tooMany.Message, "but got 256");
    }

    [TestMethod]
    public void Vectors_are_equal_by_item_type_and_dimensions()
    {
        var planar = new VectorDataViewType(NumberDataViewType.Single, 3, 32, 16);

        Assert.AreEqual("Vector<Single, 3, 32, 16>", planar.ToString());
        Assert.AreEqual(1536, planar.Size);
        Assert.IsTrue(planar.IsKnownSize);
        CollectionAssert.AreEqual(new[] { 3, 32, 16 }, planar.Dimensions);
        Assert.AreEqual(NumberDataViewType.Single, planar.ItemType);
        Assert.AreEqual(typeof(VBuffer<float>), planar.RawType);
        Assert.AreEqual(planar, new VectorDataViewType(NumberDataViewType.Single, ImmutableArray.Create(3, 32, 16)));
        Assert.AreNotEqual(planar, new VectorDataViewType(NumberDataViewType.Single, 32, 16, 3));
        Assert.AreNotEqual(planar, new VectorDataViewType(NumberDataViewType.Single, 1536));
        Assert.AreNotEqual(planar, new VectorDataViewType(NumberDataViewType.Byte, 3, 32, 16));
    }

    [TestMethod]
    public void A_vector_with_an_unknown_dimension_is_of_unknown_size()
    {
        var varying = new VectorDataViewType(TextDataViewType.Instance);
        var partly = new VectorDataViewType(NumberDataViewType.Byte, 3, 0);

        Assert.AreEqual("Vector<String>", varying.ToString());
        Assert.IsFalse(varying.IsKnownSize);
        Assert.AreEqual("Vector<Byte, 3, *>", partly.ToString());
        Assert.AreEqual(0, partly.Size);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VectorDataViewType(NumberDataViewType.Byte, -1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new VectorDataViewType(NumberDataViewType.Byte, 2, -1));
        Assert.ThrowsExactly<ArgumentNullException>(() => new VectorDataViewType(null, 2));
    }

    [TestMethod]
    public void Row_ids_order_by_their_high_part_first()
    {
        var id = new DataViewRowId(1, 2);

        Assert.AreEqual("00000000000000020000000000000001", id.ToString());
        Assert.AreEqual(1ul, id.Low);
        Assert.AreEqual(2ul, id.High);
        Assert.AreEqual(id, new DataViewRowId(1, 2));
        Assert.IsTrue(id.CompareTo(new DataViewRowId(0, 3)) < 0);
        Assert.IsTrue(id.CompareTo(new DataViewRowId(0, 2)) > 0);
    }

    [TestMethod]
    public void A_registered_type_makes_columns_of_members_that_carry_its_attribute()
    {
        var ml = new MLContext();
        var data = ml.Data.LoadFromEnumerable([new Visit { Place = new Place("Rome") }]);

        Assert.IsInstanceOfType<PlaceType>(data.Schema["Place"].Type);
        Assert.AreEqual("Rome", data.GetColumn<Place>("Place").Single().Name);
        DataViewTypeManager.Register(new PlaceType(), typeof(Place), new PlaceTypeAttribute());
        var taken = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => DataViewTypeManager.Register(new PlaceType(), typeof(float), new PlaceTypeAttribute()));
        StringAssert.Contains(taken.Message, "default supported type");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => DataViewTypeManager.Register(new PlaceType(), typeof(Visit), new PlaceTypeAttribute()));
    }

    [TestMethod]
    public void A_primitive_type_cannot_hold_what_must_be_disposed()
    {
        var refused = Assert.ThrowsExactly<ArgumentException>(() => new StreamType());
        StringAssert.Contains(refused.Message, "cannot have a disposable RawType");
    }

    private static DataViewSchema SchemaOf(params (string Name, DataViewType Type)[] columns)
    {
        var builder = new DataViewSchema.Builder();
        foreach (var (name, type) in columns)
            builder.AddColumn(name, type);
        return builder.ToSchema();
    }

    private static DataViewSchema.Annotations Slots(params string[] names)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        var type = new VectorDataViewType(TextDataViewType.Instance, names.Length);
        builder.Add("SlotNames", type, (ref VBuffer<ReadOnlyMemory<char>> value) =>
            value = new VBuffer<ReadOnlyMemory<char>>(names.Length, [.. names.Select(name => name.AsMemory())]));
        return builder.ToAnnotations();
    }

    private sealed record Place(string Name);

    private sealed class Visit
    {
        [PlaceType]
        public Place? Place { get; set; }
    }

    private sealed class PlaceType() : StructuredDataViewType(typeof(Place))
    {
        public override bool Equals(DataViewType? other) => other is PlaceType;

        public override bool Equals(object? other) => other is PlaceType;

        public override int GetHashCode() => 17;
    }

    private sealed class PlaceTypeAttribute : DataViewTypeAttribute
    {
        public override void Register() => DataViewTypeManager.Register(new PlaceType(), typeof(Place), this);

        public override bool Equals(DataViewTypeAttribute? other) => other is PlaceTypeAttribute;

        public override bool Equals(object? other) => other is PlaceTypeAttribute;

        public override int GetHashCode() => 19;
    }

    private sealed class StreamType() : PrimitiveDataViewType(typeof(MemoryStream))
    {
        public override bool Equals(DataViewType? other) => ReferenceEquals(this, other);
    }
}
