using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

[TestClass]
public sealed class CacheTests
{
    private readonly MLContext _ml = new(seed: 1);

    public sealed class Row
    {
        public int Id;
        public string Name = "";

        [VectorType(2)]
        public float[] Pair = [];
    }

    private IDataView MakeData(int count) => _ml.Data.LoadFromEnumerable(
        Enumerable.Range(0, count).Select(i => new Row { Id = i, Name = $"row {i}", Pair = [i, -i] }).ToList());

    private static int[] Ids(IDataView data) => data.GetColumn<int>("Id").ToArray();

    [TestMethod]
    public void A_column_is_read_once_however_often_it_is_asked_for()
    {
        var probe = new ProbeView(MakeData(200));
        var cached = _ml.Data.Cache(probe);

        for (int pass = 0; pass < 3; pass++)
        {
            CollectionAssert.AreEqual(Enumerable.Range(0, 200).ToArray(), Ids(cached));
            Assert.AreEqual("row 199", cached.GetColumn<string>("Name").Last());
        }
        Assert.AreEqual(2, probe.CursorCount);
        Assert.AreEqual(400, probe.RowCount);
    }

    [TestMethod]
    public void Values_are_the_source_s_and_the_reader_may_change_its_copy()
    {
        var cached = _ml.Data.Cache(MakeData(10));

        foreach (var row in _ml.Data.CreateEnumerable<Row>(cached, reuseRowObject: true))
            Array.Clear(row.Pair);
        CollectionAssert.AreEqual(new[] { 3f, -3f }, cached.GetColumn<float[]>("Pair").ElementAt(3));
        Assert.AreEqual("Pair: Vector<Single, 2>", cached.Schema["Pair"].ToString());
    }

    [TestMethod]
    public void The_row_count_is_known_once_the_rows_are_read()
    {
        var cached = _ml.Data.Cache(new ProbeView(MakeData(30)));
        Assert.IsNull(cached.GetRowCount());

        Ids(cached);

        Assert.AreEqual(30, cached.GetRowCount());
    }

    [TestMethod]
    public void Columns_that_cannot_be_kept_are_dropped_silently_unless_asked_for()
    {
        var probe = new ProbeView(MakeData(3), addOpaqueColumn: true);

        CollectionAssert.AreEqual(
            new[] { "Id", "Name", "Pair" }, _ml.Data.Cache(probe, "Id").Schema.Select(column => column.Name).ToArray());
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Data.Cache(probe, "Opaque")).Message,
            "Asked to prefetch column 'Opaque' into cache, but it is of unhandled type");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.Cache(probe, "Nope")).Message, "'Nope'");
    }

    [TestMethod]
    public void A_cache_can_be_read_in_random_order()
    {
        var cached = _ml.Data.Cache(MakeData(100));
        Assert.IsTrue(cached.CanShuffle);

        var ids = new List<int>();
        using var cursor = cached.GetRowCursor([cached.Schema["Id"]], new Random(1));
        var getter = cursor.GetGetter<int>(cached.Schema["Id"]);
        int id = 0;
        while (cursor.MoveNext())
        {
            getter(ref id);
            ids.Add(id);
        }
        CollectionAssert.AreNotEqual(Enumerable.Range(0, 100).ToArray(), ids);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 100).ToArray(), ids);
    }

    [TestMethod]
    public void Several_cursors_share_the_rows_out_in_parallel()
    {
        var cached = _ml.Data.Cache(MakeData(1000));
        var cursors = cached.GetRowCursorSet([cached.Schema["Id"]], 3);

        var ids = cursors.AsParallel().SelectMany(cursor =>
        {
            var mine = new List<int>();
            using (cursor)
            {
                var getter = cursor.GetGetter<int>(cached.Schema["Id"]);
                int id = 0;
                while (cursor.MoveNext())
                {
                    getter(ref id);
                    mine.Add(id);
                }
            }
            return mine;
        }).ToArray();
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 1000).ToArray(), ids);
    }

    [TestMethod]
    public void A_failure_of_the_source_reaches_the_reader()
    {
        var cached = _ml.Data.Cache(new ProbeView(MakeData(50)) { FailingRow = 20 });

        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Ids(cached));
        Assert.AreEqual("Row 20 is broken", error.InnerException?.Message);
    }

    [TestMethod]
    public void A_checkpoint_in_a_chain_spares_those_behind_it_the_work_before_it()
    {
        ProbeView probe = new(MakeData(100));
        var normalize = _ml.Transforms.NormalizeMinMax("Pair");
        // Learning reads the data once for each estimator, or once before the checkpoint and once into the cache.
        _ml.Transforms.CopyColumns("Copy", "Id").Append(normalize).Append(normalize).Append(normalize).Fit(probe);
        int passes = probe.CursorCount;
        _ml.Transforms.CopyColumns("Copy", "Id").AppendCacheCheckpoint(_ml)
            .Append(normalize).Append(normalize).Append(normalize).Fit(probe);
        int cachedPasses = probe.CursorCount - passes;
        _ml.Transforms.CopyColumns("Copy", "Id").Append(normalize).AppendCacheCheckpoint(_ml)
            .Append(normalize).Append(normalize).Fit(probe);

        Assert.AreEqual(3, passes);
        Assert.AreEqual(1, cachedPasses);
        Assert.AreEqual(2, probe.CursorCount - passes - cachedPasses);
    }

    [TestMethod]
    public void A_checkpoint_is_only_for_training_and_needs_an_estimator_before_it()
    {
        var data = MakeData(3);
        var model = _ml.Transforms.CopyColumns("Copy", "Id").AppendCacheCheckpoint(_ml).Fit(data);

        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, model.Transform(data).GetColumn<int>("Copy").ToArray());
        Assert.IsInstanceOfType<Microsoft.ML.Transforms.ColumnCopyingTransformer>(model.LastTransformer);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(
                () => new EstimatorChain<ITransformer>().AppendCacheCheckpoint(_ml)).Message,
            "can't append cache checkpoint");
    }
}
