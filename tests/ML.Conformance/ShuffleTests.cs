using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

[TestClass]
public sealed class ShuffleTests
{
    private readonly MLContext _ml = new(seed: 1);

    public sealed class Row
    {
        public int Id;

        [VectorType(2)]
        public float[] Pair = [];
    }

    private IDataView MakeData(int count) => _ml.Data.LoadFromEnumerable(
        Enumerable.Range(0, count).Select(i => new Row { Id = i, Pair = [i, -i] }).ToList());

    private static int[] Ids(IDataView data) => data.GetColumn<int>("Id").ToArray();

    [TestMethod]
    public void Every_row_comes_once_in_another_order_with_its_own_values()
    {
        var shuffled = _ml.Data.ShuffleRows(MakeData(500), seed: 1);
        int[] ids = Ids(shuffled);

        CollectionAssert.AreEquivalent(Enumerable.Range(0, 500).ToArray(), ids);
        CollectionAssert.AreNotEqual(Enumerable.Range(0, 500).ToArray(), ids);
        foreach (var row in _ml.Data.CreateEnumerable<Row>(shuffled, reuseRowObject: true))
            CollectionAssert.AreEqual(new float[] { row.Id, -row.Id }, row.Pair);
        Assert.IsTrue(shuffled.CanShuffle);
    }

    [TestMethod]
    public void The_seed_decides_and_every_pass_has_the_same_order()
    {
        var data = MakeData(300);
        var first = _ml.Data.ShuffleRows(data, seed: 7);

        CollectionAssert.AreEqual(Ids(first), Ids(first));
        CollectionAssert.AreEqual(Ids(first), Ids(_ml.Data.ShuffleRows(data, seed: 7)));
        CollectionAssert.AreNotEqual(Ids(first), Ids(_ml.Data.ShuffleRows(data, seed: 8)));
    }

    [TestMethod]
    public void A_row_cannot_come_before_it_entered_the_pool()
    {
        int[] ids = Ids(_ml.Data.ShuffleRows(new ProbeView(MakeData(400)), seed: 1, shufflePoolSize: 10));

        for (int position = 0; position < ids.Length; position++)
            Assert.IsLessThan(position + 10, ids[position]);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 400).ToArray(), ids);
    }

    [TestMethod]
    public void A_pool_of_one_row_keeps_the_order_of_a_source_that_cannot_shuffle()
    {
        var shuffled = _ml.Data.ShuffleRows(new ProbeView(MakeData(20)), seed: 1, shufflePoolSize: 1, shuffleSource: false);

        CollectionAssert.AreEqual(Enumerable.Range(0, 20).ToArray(), Ids(shuffled));
    }

    [TestMethod]
    public void The_source_is_read_on_another_thread()
    {
        var probe = new ProbeView(MakeData(3000));
        Ids(_ml.Data.ShuffleRows(probe, seed: 1, shufflePoolSize: 50));

        Assert.IsTrue(probe.ReadingThreads.Keys.Any(thread => thread != Environment.CurrentManagedThreadId));
    }

    [TestMethod]
    public void A_failure_of_the_source_reaches_the_reader()
    {
        var shuffled = _ml.Data.ShuffleRows(new ProbeView(MakeData(2000)) { FailingRow = 1500 }, seed: 1);

        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Ids(shuffled));
        Assert.AreEqual("Shuffle input cursor reader failed with an exception", error.Message);
        Assert.AreEqual("Row 1500 is broken", error.InnerException?.Message);
    }

    [TestMethod]
    public void Leaving_before_the_end_is_no_failure()
    {
        var shuffled = _ml.Data.ShuffleRows(MakeData(5000), seed: 1);

        CollectionAssert.AreEqual(Ids(shuffled).Take(3).ToArray(), shuffled.GetColumn<int>("Id").Take(3).ToArray());
    }

    [TestMethod]
    public void Columns_that_cannot_be_kept_are_dropped_silently()
    {
        var shuffled = _ml.Data.ShuffleRows(new ProbeView(MakeData(5), addOpaqueColumn: true), seed: 1);

        CollectionAssert.AreEqual(new[] { "Id", "Pair" }, shuffled.Schema.Select(column => column.Name).ToArray());
        CollectionAssert.AreEquivalent(new[] { 0, 1, 2, 3, 4 }, Ids(shuffled));
    }

    [TestMethod]
    public void Row_ids_stay_with_their_rows()
    {
        var data = MakeData(100);
        var shuffled = _ml.Data.ShuffleRows(data, seed: 1);

        CollectionAssert.AreEquivalent(IdsByRow(data), IdsByRow(shuffled));

        static string[] IdsByRow(IDataView view)
        {
            using var cursor = view.GetRowCursor(view.Schema);
            var getter = cursor.GetGetter<int>(view.Schema["Id"]);
            var getId = cursor.GetIdGetter();
            var pairs = new List<string>();
            int value = 0;
            DataViewRowId id = default;
            while (cursor.MoveNext())
            {
                getter(ref value);
                getId(ref id);
                pairs.Add($"{value}: {id}");
            }
            return [.. pairs];
        }
    }

    [TestMethod]
    public void An_empty_pool_is_refused()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.ShuffleRows(MakeData(1), shufflePoolSize: 0)).Message,
            "Must be positive");
    }
}
