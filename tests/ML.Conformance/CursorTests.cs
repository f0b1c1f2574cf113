using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

[TestClass]
public class CursorTests
{
    private const int Rows = 1000;
    private static readonly string s_images = Path.Combine(AppContext.BaseDirectory, "Images");
    private readonly MLContext _ml = new();

    [TestMethod]
    public void Rows_read_in_parallel_arrive_in_order_with_their_own_values()
    {
        var data = Pipeline(Enumerable.Range(0, Rows).Select(i => new Item { Index = i, Path = ImageOf(i) }));
        Assert.AreEqual("Pixels: Vector<Single, 3, 1, 1>", data.Schema["Pixels"].ToString());

        using var cursor = data.GetRowCursor(data.Schema.Where(column => column.Name is "Index" or "Pixels"));
        var index = cursor.GetGetter<int>(data.Schema["Index"]);
        var pixels = cursor.GetGetter<VBuffer<float>>(data.Schema["Pixels"]);
        var id = cursor.GetIdGetter();
        float[] first = Read(ImageOf(0)), second = Read(ImageOf(1));
        CollectionAssert.AreNotEqual(first, second);
        int count = 0;
        VBuffer<float> vector = default;
        while (cursor.MoveNext())
        {
            int number = -1;
            index(ref number);
            Assert.AreEqual(count, number);
            Assert.AreEqual(count, cursor.Position);
            pixels(ref vector);
            CollectionAssert.AreEqual(count % 2 == 0 ? first : second, vector.DenseValues().ToArray());
            DataViewRowId rowId = default;
            id(ref rowId);
            Assert.AreEqual(new DataViewRowId((ulong)count, 0), rowId);
            count++;
        }
        Assert.AreEqual(Rows, count);
        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    public void A_set_of_cursors_shares_the_rows_and_batches_tell_their_order()
    {
        var data = Pipeline(Enumerable.Range(0, Rows).Select(i => new Item { Index = i, Path = ImageOf(i) }));
        var needed = new[] { data.Schema["Index"], data.Schema["Pixels"] };
        var cursors = data.GetRowCursorSet(needed, 3);
        Assert.AreEqual(3, cursors.Length);

        var seen = new List<(long Batch, int Index)>();
        Parallel.ForEach(cursors, cursor =>
        {
            using (cursor)
            {
                var getter = cursor.GetGetter<int>(data.Schema["Index"]);
                while (cursor.MoveNext())
                {
                    int number = 0;
                    getter(ref number);
                    lock (seen)
                        seen.Add((cursor.Batch, number));
                }
            }
        });
        CollectionAssert.AreEqual(
            Enumerable.Range(0, Rows).ToArray(),
            seen.OrderBy(row => row.Batch).ThenBy(row => row.Index).Select(row => row.Index).ToArray());
        Assert.IsTrue(seen.Select(row => row.Batch).Distinct().Count() > 1);
    }

    [TestMethod]
    public void An_error_on_a_worker_thread_arrives_wrapped()
    {
        var data = Pipeline(Enumerable.Range(0, Rows).Select(i =>
            new Item { Index = i, Path = i == 600 ? "missing.png" : ImageOf(i) }));

        var wrapped = Assert.ThrowsExactly<InvalidOperationException>(() => data.GetColumn<float[]>("Pixels").Count());
        Assert.AreEqual(
            "Splitter/consolidator worker encountered exception while consuming source data", wrapped.Message);
        Exception innermost = wrapped;
        while (innermost.InnerException is { } inner)
            innermost = inner;
        StringAssert.Contains(innermost.ToString(), "missing.png");
        // Columns that do not need the image are still readable.
        Assert.AreEqual(Rows, data.GetColumn<int>("Index").Count());
    }

    [TestMethod]
    public void A_cursor_may_be_left_early()
    {
        var data = Pipeline(Enumerable.Range(0, int.MaxValue).Select(i => new Item { Index = i, Path = ImageOf(i) }));
        for (int i = 0; i < 3; i++)
        {
            using var cursor = data.GetRowCursor([data.Schema["Pixels"]]);
            Assert.IsTrue(cursor.MoveNext());
        }
    }

    [TestMethod]
    public void Columns_not_asked_for_cannot_be_read_and_columns_have_one_type()
    {
        var data = Pipeline([new Item { Path = ImageOf(0) }]);
        using var cursor = data.GetRowCursor([data.Schema["Index"], data.Schema["Pixels"]]);

        Assert.IsTrue(cursor.IsColumnActive(data.Schema["Index"]));
        Assert.IsTrue(cursor.IsColumnActive(data.Schema["Pixels"]));
        Assert.IsFalse(cursor.IsColumnActive(data.Schema["Path"]));
        Assert.AreSame(data.Schema, cursor.Schema);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => cursor.GetGetter<ReadOnlyMemory<char>>(data.Schema["Path"]));
        Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<long>(data.Schema["Index"]));
    }

    [TestMethod]
    public void Values_can_be_read_only_on_a_row()
    {
        var data = _ml.Data.LoadFromEnumerable([new Item { Index = 5 }]);
        using var cursor = data.GetRowCursor([data.Schema["Index"]]);
        var getter = cursor.GetGetter<int>(data.Schema["Index"]);
        int value = 0;

        Assert.AreEqual(-1, cursor.Position);
        // Which exception depends on the kind of view: the real package's view of objects has no object to look into.
        Assert.Throws<Exception>(() => getter(ref value));
        Assert.IsTrue(cursor.MoveNext());
        getter(ref value);
        Assert.AreEqual(5, value);
        Assert.AreEqual(0, cursor.Batch);
        Assert.IsFalse(cursor.MoveNext());
        Assert.Throws<Exception>(() => getter(ref value));
    }

    [TestMethod]
    public void A_row_to_row_mapper_takes_rows_of_its_own_schema_only()
    {
        ITransformer model = _ml.Transforms.LoadImages("Image", s_images, "Path").Fit(Items());
        var data = Items();
        var mapper = model.GetRowToRowMapper(data.Schema);

        Assert.AreSame(data.Schema, mapper.InputSchema);
        using var own = data.GetRowCursor(data.Schema);
        Assert.IsTrue(mapper.GetRow(own, mapper.OutputSchema).IsColumnActive(mapper.OutputSchema["Image"]));
        var other = Items();
        using var foreign = other.GetRowCursor(other.Schema);
        var refused = Assert.ThrowsExactly<InvalidOperationException>(
            () => mapper.GetRow(foreign, mapper.OutputSchema));
        Assert.AreEqual(
            "Schema of input row must be the same as the schema the mapper is bound to", refused.Message);

        IDataView Items() => _ml.Data.LoadFromEnumerable([new Item { Path = ImageOf(0) }]);
    }

    [TestMethod]
    public void A_trivial_estimator_checks_its_input_when_it_fits()
    {
        TrivialEstimator<ImageLoadingTransformer> estimator = _ml.Transforms.LoadImages("Image", s_images, "Missing");
        var missing = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => estimator.Fit(_ml.Data.LoadFromEnumerable([new Item()])));
        StringAssert.Contains(missing.Message, "Could not find input column 'Missing'");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(new SchemaShape([])));
    }

    private static string ImageOf(int index) => index % 2 == 0 ? "color.png" : "gray.jpg";

    private IDataView Pipeline(IEnumerable<Item> items)
    {
        var data = _ml.Data.LoadFromEnumerable(items);
        return _ml.Transforms.LoadImages("Image", s_images, "Path")
            .Append(_ml.Transforms.ResizeImages("Image", 1, 1))
            .Append(_ml.Transforms.ExtractPixels("Pixels", "Image"))
            .Fit(data).Transform(data);
    }

    private float[] Read(string image) =>
        Pipeline([new Item { Path = image }]).GetColumn<float[]>("Pixels").Single();

    private sealed class Item
    {
        public int Index { get; set; }

        public string? Path { get; set; }
    }
}
