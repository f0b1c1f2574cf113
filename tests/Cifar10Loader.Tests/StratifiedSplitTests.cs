using Microsoft.ML;
using Microsoft.ML.Data;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class StratifiedSplitTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Every_class_keeps_its_share()
    {
        // 100 rows of class 1, 10 of class 2, 3 of class 3.
        IDataView data = Labels([.. Enumerable.Repeat(1u, 100), .. Enumerable.Repeat(2u, 10), 3, 3, 3]);

        (IDataView train, IDataView test) = _mlContext.Data.TrainTestSplitByClass(data, testFraction: 0.2, seed: 7);

        AssertCounts(train, (1, 80), (2, 8), (3, 2));
        AssertCounts(test, (1, 20), (2, 2), (3, 1));
        Assert.AreEqual(90L, train.GetRowCount());
        Assert.AreEqual(23L, test.GetRowCount());
    }

    [TestMethod]
    public void Every_class_of_two_rows_is_on_both_sides_however_small_the_share()
    {
        // Two classes of 100 rows and 48 of 4.
        int[] labels = [.. Enumerable.Range(0, 50).SelectMany(label => Enumerable.Repeat(label, label < 2 ? 100 : 4))];
        int[] counts = HeldOut(labels, 50, 0.1);
        CollectionAssert.AreEqual(Enumerable.Range(0, 50).Select(label => label < 2 ? 10 : 1).ToArray(), counts);

        // 0.9 x 4 = 3.6 would round to all four.
        counts = HeldOut(labels, 50, 0.9);
        CollectionAssert.AreEqual(Enumerable.Range(0, 50).Select(label => label < 2 ? 90 : 3).ToArray(), counts);
    }

    [TestMethod]
    public void Classes_are_rounded_so_that_the_whole_comes_closest_to_the_share()
    {
        // 50 classes of 15 rows at 0.1 are 75 rows; 1.5 rounded class by class would be 100.
        int[] labels = [.. Enumerable.Range(0, 750).Select(row => row % 50)];
        int[] counts = HeldOut(labels, 50, 0.1);
        Assert.AreEqual(75, counts.Sum());
        Assert.IsTrue(counts.All(count => count is 1 or 2));

        // 63.3, 89.8 and 64.1 rows are 217.2: the missing one goes to the largest fraction.
        labels = [.. Enumerable.Repeat(0, 633), .. Enumerable.Repeat(1, 898), .. Enumerable.Repeat(2, 641)];
        CollectionAssert.AreEqual(new[] { 63, 90, 64 }, HeldOut(labels, 3, 0.1));
    }

    [TestMethod]
    public void Classes_without_rows_and_of_one_row_hold_nothing_out()
    {
        CollectionAssert.AreEqual(new[] { 0, 1, 0, 1 }, HeldOut([1, 1, 2, 3, 3], 4, 0.5));
    }

    [TestMethod]
    public void Rows_drawn_with_a_seed_stay_the_same()
    {
        // Of the first version. Other rows mean that published splits lose their meaning.
        IDataView data = Labels([.. Enumerable.Range(0, 50).Select(i => (uint)(i % 5 + 1))]);
        IDataView test = _mlContext.Data.TrainTestSplitByClass(data, 0.2, seed: 1).TestSet;
        CollectionAssert.AreEqual(new List<int> { 2, 5, 6, 9, 10, 18, 31, 37, 43, 44 }, Rows.Values<int>(test, "Row"));
    }

    [TestMethod]
    public void Sets_are_disjoint_cover_all_rows_and_keep_the_order()
    {
        IDataView data = Labels([.. Enumerable.Range(0, 500).Select(i => (uint)(i % 5 + 1))]);

        (IDataView train, IDataView test) = _mlContext.Data.TrainTestSplitByClass(data, 0.3, seed: 1);

        List<int> trainRows = Rows.Values<int>(train, "Row");
        List<int> testRows = Rows.Values<int>(test, "Row");
        CollectionAssert.AreEqual(trainRows.Order().ToList(), trainRows);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 500).ToList(), trainRows.Concat(testRows).ToList());
        Assert.AreEqual(150, testRows.Count);
        Assert.AreNotEqual(30, testRows.Take(30).Max() + 1);
    }

    [TestMethod]
    public void Same_seed_gives_the_same_split_and_another_seed_another()
    {
        IDataView data = Labels([.. Enumerable.Repeat(1u, 200)]);
        List<int> TestRows(int seed) => Rows.Values<int>(_mlContext.Data.TrainTestSplitByClass(data, 0.5, seed: seed).TestSet, "Row");

        CollectionAssert.AreEqual(TestRows(3), TestRows(3));
        CollectionAssert.AreNotEqual(TestRows(3), TestRows(4));
    }

    [TestMethod]
    public void Shuffled_and_parallel_cursors_stay_within_their_set()
    {
        IDataView data = Labels([.. Enumerable.Range(0, 500).Select(i => (uint)(i % 5 + 1))]);
        IDataView test = _mlContext.Data.TrainTestSplitByClass(data, 0.3, seed: 1).TestSet;
        List<int> expected = Rows.Values<int>(test, "Row");

        Assert.IsTrue(test.CanShuffle);
        CollectionAssert.AreEquivalent(expected, Read(test.GetRowCursor(test.Schema, new Random(2))));
        CollectionAssert.AreEquivalent(expected, test.GetRowCursorSet(test.Schema, 3).SelectMany(Read).ToList());

        List<int> Read(DataViewRowCursor cursor)
        {
            var rows = new List<int>();
            using (cursor)
            {
                ValueGetter<int> get = cursor.GetGetter<int>(test.Schema["Row"]);
                int row = 0;
                while (cursor.MoveNext())
                {
                    Assert.AreEqual(rows.Count, cursor.Position);
                    get(ref row);
                    rows.Add(row);
                }
            }

            return rows;
        }
    }

    [TestMethod]
    public void Class_of_one_row_goes_to_training()
    {
        (IDataView train, IDataView test) = _mlContext.Data.TrainTestSplitByClass(Labels([1, 2, 2]), 0.5, seed: 1);
        AssertCounts(train, (1, 1), (2, 1));
        AssertCounts(test, (2, 1));
    }

    [TestMethod]
    public void Text_labels_are_classes_too()
    {
        using var directory = new TempFolder();
        for (int i = 0; i < 10; i++)
        {
            directory.Write($"cat/{i}.png", "image");
            directory.Write($"dog/{i}.png", "image");
        }

        IDataView data = ImageFolder.Load(_mlContext, directory.Path);
        IDataView test = _mlContext.Data.TrainTestSplitByClass(data, 0.2, "ClassName", seed: 1).TestSet;

        CollectionAssert.AreEqual(new List<string> { "cat", "cat", "dog", "dog" }, Rows.Texts(test, "ClassName"));
        CollectionAssert.AreEqual(new[] { "cat", "dog" }, test.GetClassNames().ToArray());
    }

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(1.0)]
    [DataRow(-0.1)]
    [DataRow(double.NaN)]
    public void Fraction_outside_0_to_1_is_refused(double fraction)
    {
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _mlContext.Data.TrainTestSplitByClass(Labels([1]), fraction));
        StringAssert.StartsWith(e.Message, "The share of the test set must be above 0 and below 1.");
    }

    [TestMethod]
    public void Missing_and_unsuitable_label_columns_are_refused()
    {
        var e = Assert.ThrowsExactly<ArgumentException>(
            () => _mlContext.Data.TrainTestSplitByClass(Labels([1]), labelColumnName: "Class"));
        StringAssert.StartsWith(e.Message, "There is no column 'Class'; the data has Label, Row.");
        e = Assert.ThrowsExactly<ArgumentException>(
            () => _mlContext.Data.TrainTestSplitByClass(Labels([1]), labelColumnName: "Row"));
        StringAssert.StartsWith(e.Message, "Column 'Row' is Int32; a class is a key of UInt32 or a text.");
    }

    [TestMethod]
    public void Data_without_rows_is_refused()
    {
        var e = Assert.ThrowsExactly<InvalidDataException>(() => _mlContext.Data.TrainTestSplitByClass(Labels([])));
        Assert.AreEqual("The data has no rows, so there is nothing to split.", e.Message);
    }

    [TestMethod]
    public void Class_names_of_a_column_without_them_are_refused()
    {
        var e = Assert.ThrowsExactly<ArgumentException>(() => Labels([1]).GetClassNames("Row"));
        StringAssert.StartsWith(
            e.Message, "Column 'Row' is Int32 without class names; expected a key with text values, such as MapValueToKey makes.");
    }

    private static IDataView Labels(uint[] keys)
    {
        var schema = new DataViewSchema.Builder();
        ClassLabels.AddKeyColumn(schema, "Label", ["a", "b", "c", "d", "e"]);
        schema.AddColumn("Row", NumberDataViewType.Int32);
        return new IndexedDataView(
            schema.ToSchema(),
            keys.Length,
            ClassLabels.KeyGetter(row => (int)keys[row] - 1),
            row => (ValueGetter<int>)((ref int value) => value = row.Required));
    }

    /// <summary>How many rows of each class are held out.</summary>
    private static int[] HeldOut(int[] labels, int classCount, double fraction)
    {
        bool[] held = StratifiedDraw.HeldOut(labels, classCount, fraction, seed: 1);
        var counts = new int[classCount];
        foreach (int label in labels.Where((_, row) => held[row]))
            counts[label]++;
        return counts;
    }

    private static void AssertCounts(IDataView data, params (int Key, int Count)[] expected) =>
        CollectionAssert.AreEqual(
            expected, Rows.Keys(data).CountBy(key => (int)key).Select(pair => (pair.Key, pair.Value)).Order().ToArray());
}
