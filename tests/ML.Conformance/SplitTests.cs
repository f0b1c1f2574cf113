using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

[TestClass]
public sealed class SplitTests
{
    private readonly MLContext _ml = new();

    public sealed class Row
    {
        public int Id;
        public string Group = "";
        public float Place;

        [KeyType(4)]
        public uint Key;
    }

    private IDataView MakeData(int count) => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new Row
    {
        Id = i,
        Group = i % 97 == 0 ? "" : $"group {i / 10}",
        Place = i,
        Key = (uint)(i % 5),
    }));

    private static int[] Ids(IDataView data) => data.GetColumn<int>("Id").ToArray();

    [TestMethod]
    public void Every_row_goes_to_one_part_and_keeps_its_order()
    {
        var data = MakeData(1000);
        var split = _ml.Data.TrainTestSplit(data, testFraction: 0.25, seed: 3);
        var (train, test) = (Ids(split.TrainSet), Ids(split.TestSet));

        CollectionAssert.AreEquivalent(Enumerable.Range(0, 1000).ToArray(), train.Concat(test).ToArray());
        CollectionAssert.AreEqual(test.Order().ToArray(), test);
        Assert.AreEqual(250, test.Length, 45);
        CollectionAssert.AreEqual(
            data.Schema.Select(column => column.ToString()).ToArray(),
            split.TestSet.Schema.Select(column => column.ToString()).ToArray());
        Assert.IsNull(split.TrainSet.GetRowCount());
        Assert.IsFalse(split.TrainSet.CanShuffle);
    }

    [TestMethod]
    public void The_seed_decides_and_every_pass_gives_the_same_rows()
    {
        var data = MakeData(200);
        var first = _ml.Data.TrainTestSplit(data, seed: 5);
        var second = _ml.Data.TrainTestSplit(data, seed: 5);
        var other = _ml.Data.TrainTestSplit(data, seed: 6);

        CollectionAssert.AreEqual(Ids(first.TestSet), Ids(second.TestSet));
        CollectionAssert.AreEqual(Ids(first.TestSet), Ids(first.TestSet));
        CollectionAssert.AreNotEqual(Ids(first.TestSet), Ids(other.TestSet));
        var seeded = new MLContext(seed: 5);
        CollectionAssert.AreEqual(Ids(first.TestSet), Ids(seeded.Data.TrainTestSplit(data).TestSet));
    }

    [TestMethod]
    public void The_rows_are_those_the_generator_picks()
    {
        // Golden/make_split.py computes them.
        var data = MakeData(40);

        CollectionAssert.AreEqual(
            new[] { 2, 10, 12, 13, 28, 33, 34, 35, 37 }, Ids(_ml.Data.TrainTestSplit(data, 0.25, seed: 1).TestSet));
        CollectionAssert.AreEqual(
            new[] { 5, 6, 18, 20, 28, 37 }, Ids(_ml.Data.TrainTestSplit(data, 0.25).TestSet));
    }

    [TestMethod]
    public void Rows_with_equal_sampling_keys_stay_together()
    {
        var split = _ml.Data.TrainTestSplit(MakeData(2000), 0.3, samplingKeyColumnName: nameof(Row.Group), seed: 1);
        var train = split.TrainSet.GetColumn<string>(nameof(Row.Group)).ToHashSet();
        var test = split.TestSet.GetColumn<string>(nameof(Row.Group)).ToHashSet();

        Assert.IsFalse(train.Overlaps(test));
        Assert.AreEqual(60, test.Count, 25);
        // Empty text is no key: such rows are in no part.
        Assert.AreEqual(200, train.Count + test.Count);
        Assert.IsFalse(train.Contains("") || test.Contains(""));
    }

    [TestMethod]
    public void Integer_keys_are_hashed_with_the_seed()
    {
        var data = MakeData(500);
        var split = _ml.Data.TrainTestSplit(data, 0.2, samplingKeyColumnName: nameof(Row.Id), seed: 1);
        var other = _ml.Data.TrainTestSplit(data, 0.2, samplingKeyColumnName: nameof(Row.Id), seed: 2);

        CollectionAssert.AreEquivalent(
            Enumerable.Range(0, 500).ToArray(), Ids(split.TrainSet).Concat(Ids(split.TestSet)).ToArray());
        Assert.AreEqual(100, Ids(split.TestSet).Length, 30);
        CollectionAssert.AreNotEqual(Ids(split.TestSet), Ids(other.TestSet));
    }

    [TestMethod]
    public void Key_columns_split_in_the_order_of_their_keys()
    {
        // Keys 1 to 4 lie at 1/8, 3/8, 5/8 and 7/8; the missing key lies nowhere.
        var split = _ml.Data.TrainTestSplit(MakeData(10), 0.5, samplingKeyColumnName: nameof(Row.Key));

        CollectionAssert.AreEqual(new uint[] { 1, 2, 1, 2 }, split.TestSet.GetColumn<uint>(nameof(Row.Key)).ToArray());
        CollectionAssert.AreEqual(new uint[] { 3, 4, 3, 4 }, split.TrainSet.GetColumn<uint>(nameof(Row.Key)).ToArray());
    }

    [TestMethod]
    public void Real_columns_split_by_where_a_value_lies_in_their_range()
    {
        // Places 0 to 10 lie at 0, 0.1, ... 1.
        var split = _ml.Data.TrainTestSplit(MakeData(11), 0.25, samplingKeyColumnName: nameof(Row.Place));

        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, Ids(split.TestSet));
    }

    [TestMethod]
    public void A_split_may_be_read_through_a_cursor_set()
    {
        var split = _ml.Data.TrainTestSplit(MakeData(300), 0.4, samplingKeyColumnName: nameof(Row.Group), seed: 1);
        var ids = new List<int>();
        foreach (var cursor in split.TestSet.GetRowCursorSet([split.TestSet.Schema["Id"]], 2))
        {
            using (cursor)
            {
                var getter = cursor.GetGetter<int>(split.TestSet.Schema["Id"]);
                int id = 0;
                while (cursor.MoveNext())
                {
                    getter(ref id);
                    ids.Add(id);
                }
            }
        }
        CollectionAssert.AreEquivalent(Ids(split.TestSet), ids);
    }

    [TestMethod]
    public void Bad_requests_are_refused()
    {
        var data = MakeData(10);
        foreach (double fraction in new[] { 0, 1, -0.1, double.NaN })
        {
            StringAssert.Contains(
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.TrainTestSplit(data, fraction)).Message,
                "Must be between 0 and 1 exclusive");
        }
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.TrainTestSplit(data, samplingKeyColumnName: "Nope")).Message,
            "'Nope'");
        Assert.ThrowsExactly<ArgumentNullException>(() => _ml.Data.TrainTestSplit(null!));
    }

    [TestMethod]
    public void Rows_can_be_taken_and_skipped()
    {
        var data = MakeData(10);

        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, Ids(_ml.Data.TakeRows(data, 3)));
        CollectionAssert.AreEqual(new[] { 7, 8, 9 }, Ids(_ml.Data.SkipRows(data, 7)));
        CollectionAssert.AreEqual(new[] { 4, 5 }, Ids(_ml.Data.TakeRows(_ml.Data.SkipRows(data, 4), 2)));
        Assert.HasCount(10, Ids(_ml.Data.TakeRows(data, 100)));
        Assert.IsEmpty(Ids(_ml.Data.SkipRows(data, 100)));
        Assert.IsFalse(_ml.Data.TakeRows(data, 3).CanShuffle);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.TakeRows(data, 0)).Message, "Must be greater than zero.");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.SkipRows(data, -1));
    }

    [TestMethod]
    public void Taking_reads_no_further_than_it_must()
    {
        var probe = new ProbeView(MakeData(10));

        Assert.HasCount(3, Ids(_ml.Data.TakeRows(probe, 3)));
        Assert.AreEqual(3, probe.RowCount);
    }
}
