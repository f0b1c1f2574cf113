using Microsoft.ML;

namespace ML.Conformance;

[TestClass]
public sealed class PreviewTests
{
    private readonly MLContext _ml = new(seed: 1);

    public sealed class Row
    {
        public int Id;
        public float Value;
    }

    private IDataView MakeData(int count) =>
        _ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new Row { Id = i, Value = i / 2f }).ToList());

    [TestMethod]
    public void A_preview_holds_the_first_rows_by_row_and_by_column()
    {
        var preview = MakeData(10).Preview(maxRows: 3);

        Assert.AreEqual("2 columns, 3 rows", preview.ToString());
        Assert.AreEqual(2, preview.Schema.Count);
        Assert.HasCount(3, preview.RowView);
        Assert.AreEqual(KeyValuePair.Create("Value", (object)1f), preview.RowView[2].Values[1]);
        Assert.AreEqual("2 columns", preview.RowView[0].ToString());
        Assert.AreEqual("Id", preview.ColumnView[0].Column.Name);
        CollectionAssert.AreEqual(new object[] { 0, 1, 2 }, preview.ColumnView[0].Values);
        Assert.AreEqual("Id: Int32", preview.ColumnView[0].ToString());
    }

    [TestMethod]
    public void A_preview_of_a_transformer_shows_what_it_makes()
    {
        var data = MakeData(3);
        var model = _ml.Transforms.CopyColumns("Copy", "Id").Fit(data);

        Assert.AreEqual("Copy", model.Preview(data).ColumnView[2].Column.Name);
        Assert.HasCount(0, data.Preview(0).RowView);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => data.Preview(-1));
    }
}
