using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

/// <summary>Passes a view on and notes who reads it; can add a column no one can keep, and fail at a row.</summary>
internal sealed class ProbeView : IDataView
{
    private readonly IDataView _source;

    public ProbeView(IDataView source, bool addOpaqueColumn = false)
    {
        _source = source;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(source.Schema);
        if (addOpaqueColumn)
            builder.AddColumn("Opaque", new OpaqueType());
        Schema = builder.ToSchema();
    }

    /// <summary>Position of the row at which reading fails, if not negative.</summary>
    public int FailingRow { get; init; } = -1;

    public int CursorCount { get; private set; }

    public int RowCount { get; private set; }

    public ConcurrentDictionary<int, bool> ReadingThreads { get; } = [];

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        CursorCount++;
        var columns = columnsNeeded.Where(column => column.Index < _source.Schema.Count).Select(column => _source.Schema[column.Index]);
        return new Cursor(this, _source.GetRowCursor(columns));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class OpaqueType() : StructuredDataViewType(typeof(Version))
    {
        public override bool Equals(DataViewType? other) => other is OpaqueType;
    }

    private sealed class Cursor(ProbeView view, DataViewRowCursor input) : DataViewRowCursor
    {
        public override DataViewSchema Schema => view.Schema;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) =>
            column.Index < input.Schema.Count && input.IsColumnActive(input.Schema[column.Index]);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            input.GetGetter<TValue>(input.Schema[column.Index]);

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool MoveNext()
        {
            view.ReadingThreads[Environment.CurrentManagedThreadId] = true;
            if (!input.MoveNext())
                return false;
            if (input.Position == view.FailingRow)
                throw new InvalidDataException($"Row {view.FailingRow} is broken");
            view.RowCount++;
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
        }
    }
}
