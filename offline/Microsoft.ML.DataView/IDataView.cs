using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>A lazily read table: a schema, and cursors over its rows.</summary>
public interface IDataView
{
    bool CanShuffle { get; }

    DataViewSchema Schema { get; }

    long? GetRowCount();

    DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null);

    DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null);
}

public delegate void ValueGetter<TValue>(ref TValue value);

/// <summary>One row, whose values are fetched through typed getters.</summary>
public abstract class DataViewRow : IDisposable
{
    public abstract DataViewSchema Schema { get; }

    public abstract long Position { get; }

    public abstract long Batch { get; }

    public abstract ValueGetter<DataViewRowId> GetIdGetter();

    public abstract bool IsColumnActive(DataViewSchema.Column column);

    public abstract ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>A row that moves forward over a data view.</summary>
public abstract class DataViewRowCursor : DataViewRow
{
    public abstract bool MoveNext();
}
