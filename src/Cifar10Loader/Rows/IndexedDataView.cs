using Microsoft.ML;

namespace Cifar10Loader;

/// <summary>
/// A data view whose rows can be read in any order by number: it shuffles completely and splits into any number of
/// cursors. Each column is a function that makes the getter of one cursor, so getters of different cursors share
/// nothing and run in parallel.
/// </summary>
internal sealed class IndexedDataView : IDataView
{
    /// <summary>Rows that one cursor of a set reads in a row; each such block is one ML.NET batch.</summary>
    public const int BlockRows = 64;

    private readonly int _rowCount;
    private readonly IReadOnlyList<Func<CurrentRow, Delegate>> _getters;

    /// <param name="schema">The columns.</param>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="getters">For each column, what makes a <see cref="ValueGetter{TValue}"/> of its type.</param>
    public IndexedDataView(DataViewSchema schema, int rowCount, params Func<CurrentRow, Delegate>[] getters)
    {
        Schema = schema;
        _rowCount = rowCount;
        _getters = getters;
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => true;

    public long? GetRowCount() => _rowCount;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        GetRowCursorSet(columnsNeeded, 1, rand)[0];

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        bool[] active = ActiveColumns(columnsNeeded);
        int blocks = (_rowCount + BlockRows - 1) / BlockRows;
        int cursors = Math.Clamp(n, 1, Math.Max(1, blocks));
        int[]? order = rand is null ? null : ShuffledOrder(rand);
        return [.. Enumerable.Range(0, cursors)
            .Select(first => new IndexedCursor(Schema, _rowCount, _getters, active, order, first, cursors))];
    }

    private bool[] ActiveColumns(IEnumerable<DataViewSchema.Column> columnsNeeded)
    {
        var active = new bool[Schema.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
        {
            if (column.Index >= active.Length)
                throw new ArgumentOutOfRangeException(
                    nameof(columnsNeeded), $"Column '{column.Name}' (index {column.Index}) is not of this data view.");
            active[column.Index] = true;
        }

        return active;
    }

    private int[] ShuffledOrder(Random rand)
    {
        int[] order = [.. Enumerable.Range(0, _rowCount)];
        rand.Shuffle(order);
        return order;
    }
}
