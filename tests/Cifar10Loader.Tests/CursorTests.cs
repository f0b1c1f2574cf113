using Microsoft.ML;
using Microsoft.ML.Data;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class CursorTests
{
    private const int RowCount = 200; // Four blocks, the last one short.

    private static IDataView Numbers(int rows = RowCount)
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Number", NumberDataViewType.Int32);
        schema.AddColumn("Text", TextDataViewType.Instance);
        return new IndexedDataView(
            schema.ToSchema(),
            rows,
            row => (ValueGetter<int>)((ref int value) => value = row.Required),
            row => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = row.Required.ToString().AsMemory()));
    }

    [TestMethod]
    public void Single_cursor_gives_all_rows_in_order_as_batch_0()
    {
        IDataView data = Numbers();
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Number"]]);
        ValueGetter<int> get = cursor.GetGetter<int>(data.Schema["Number"]);
        int value = -1;
        for (int i = 0; i < RowCount; i++)
        {
            Assert.IsTrue(cursor.MoveNext());
            Assert.AreEqual(i, cursor.Position);
            Assert.AreEqual(0, cursor.Batch);
            get(ref value);
            get(ref value);
            Assert.AreEqual(i, value);
        }

        Assert.IsFalse(cursor.MoveNext());
        Assert.AreEqual(-1, cursor.Position);
        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void Cursor_set_gives_each_row_once_and_batches_restore_the_order(int cursors)
    {
        IDataView data = Numbers();
        DataViewRowCursor[] set = data.GetRowCursorSet([data.Schema["Number"]], cursors);

        Assert.AreEqual(cursors, set.Length);
        CollectionAssert.AreEqual(Enumerable.Range(0, RowCount).ToList(), ReadByBatch(data, set));
    }

    [TestMethod]
    public void Shuffled_cursor_set_restores_the_order_of_the_shuffled_single_cursor()
    {
        IDataView data = Numbers();
        List<int> single = ReadByBatch(data, [data.GetRowCursor([data.Schema["Number"]], new Random(5))]);
        List<int> set = ReadByBatch(data, data.GetRowCursorSet([data.Schema["Number"]], 3, new Random(5)));

        CollectionAssert.AreEqual(single, set);
        CollectionAssert.AreNotEqual(Enumerable.Range(0, RowCount).ToList(), single);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, RowCount).ToList(), single);
    }

    [TestMethod]
    public void Cursor_set_has_no_more_cursors_than_blocks()
    {
        IDataView data = Numbers();
        Assert.AreEqual(4, data.GetRowCursorSet([], 100).Length);
        Assert.AreEqual(1, data.GetRowCursorSet([], 0).Length);
    }

    [TestMethod]
    public void View_without_rows_has_a_cursor_that_ends_at_once()
    {
        IDataView data = Numbers(rows: 0);
        using DataViewRowCursor cursor = data.GetRowCursorSet([], 4).Single();
        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    public void Row_ids_stay_with_the_rows_when_shuffled()
    {
        IDataView data = Numbers();
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Number"]], new Random(1));
        ValueGetter<int> get = cursor.GetGetter<int>(data.Schema["Number"]);
        ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
        int value = 0;
        DataViewRowId id = default;
        while (cursor.MoveNext())
        {
            get(ref value);
            getId(ref id);
            Assert.AreEqual(new DataViewRowId((ulong)value, 0), id);
        }
    }

    [TestMethod]
    public void Getter_of_an_inactive_column_is_refused()
    {
        IDataView data = Numbers();
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Number"]]);
        Assert.IsTrue(cursor.IsColumnActive(data.Schema["Number"]));
        Assert.IsFalse(cursor.IsColumnActive(data.Schema["Text"]));
        var e = Assert.ThrowsExactly<InvalidOperationException>(
            () => cursor.GetGetter<ReadOnlyMemory<char>>(data.Schema["Text"]));
        Assert.AreEqual("Column 'Text' is not active in this cursor: name it among the columns needed.", e.Message);
    }

    [TestMethod]
    public void Getter_of_the_wrong_type_is_refused()
    {
        IDataView data = Numbers();
        using DataViewRowCursor cursor = data.GetRowCursor(data.Schema);
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<float>(data.Schema["Number"]));
        Assert.AreEqual("Column 'Number' has values of type 'System.Int32', not 'System.Single'.", e.Message);
    }

    [TestMethod]
    public void Values_before_the_first_and_after_the_last_row_are_refused()
    {
        IDataView data = Numbers(rows: 1);
        using DataViewRowCursor cursor = data.GetRowCursor(data.Schema);
        ValueGetter<int> get = cursor.GetGetter<int>(data.Schema["Number"]);
        int value = 0;
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => get(ref value));
        StringAssert.StartsWith(e.Message, "The cursor stands on no row: call MoveNext first");
        Assert.IsTrue(cursor.MoveNext());
        get(ref value);
        Assert.IsFalse(cursor.MoveNext());
        Assert.ThrowsExactly<InvalidOperationException>(() => get(ref value));
    }

    [TestMethod]
    public void Parallel_readers_of_cifar_see_the_pixels_of_their_rows()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, perBatch: 100);
        IDataView data = Cifar10.Load(new MLContext(), directory.Path, Cifar10Split.Train);
        DataViewRowCursor[] set = data.GetRowCursorSet([data.Schema["Pixels"]], 4);

        int wrong = 0;
        Parallel.ForEach(set, cursor =>
        {
            ValueGetter<VBuffer<byte>> get = cursor.GetGetter<VBuffer<byte>>(data.Schema["Pixels"]);
            ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
            VBuffer<byte> pixels = default;
            DataViewRowId id = default;
            while (cursor.MoveNext())
            {
                get(ref pixels);
                getId(ref id);
                if (!pixels.DenseValues().SequenceEqual(SmallCifar.Pixels((int)id.Low)))
                    Interlocked.Increment(ref wrong);
            }
        });

        Assert.AreEqual(4, set.Length);
        Assert.AreEqual(0, wrong);
    }

    /// <summary>Merges cursors as ML.NET does: always the row with the smallest batch number next.</summary>
    private static List<int> ReadByBatch(IDataView data, DataViewRowCursor[] cursors)
    {
        var rows = new List<(long Batch, int Value)>();
        foreach (DataViewRowCursor cursor in cursors)
        {
            using (cursor)
            {
                ValueGetter<int> get = cursor.GetGetter<int>(data.Schema["Number"]);
                int value = 0;
                long lastBatch = 0;
                while (cursor.MoveNext())
                {
                    Assert.IsGreaterThanOrEqualTo(lastBatch, cursor.Batch);
                    lastBatch = cursor.Batch;
                    get(ref value);
                    rows.Add((cursor.Batch, value));
                }
            }
        }

        return [.. rows.OrderBy(row => row.Batch).Select(row => row.Value)];
    }
}
