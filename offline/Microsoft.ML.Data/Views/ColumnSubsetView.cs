namespace Microsoft.ML.Data;

/// <summary>The columns of a view whose values can be kept: primitive values and vectors of them.</summary>
internal sealed class ColumnSubsetView : IDataView
{
    private readonly IDataView _source;
    private readonly int[] _sourceIndices;

    private ColumnSubsetView(IDataView source, IEnumerable<DataViewSchema.Column> columns)
    {
        _source = source;
        _sourceIndices = columns.Select(column => column.Index).ToArray();
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(columns);
        Schema = builder.ToSchema();
    }

    public static IDataView OfCacheable(IDataView source) =>
        source.Schema.All(IsCacheable) ? source : new ColumnSubsetView(source, source.Schema.Where(IsCacheable).ToArray());

    public static bool IsCacheable(DataViewSchema.Column column) => column.Type is PrimitiveDataViewType or VectorDataViewType;

    public DataViewSchema Schema { get; }

    public bool CanShuffle => _source.CanShuffle;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
        new Cursor(this, _source.GetRowCursor(columnsNeeded.Select(SourceColumn), rand));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        _source.GetRowCursorSet(columnsNeeded.Select(SourceColumn), n, rand)
            .Select(input => (DataViewRowCursor)new Cursor(this, input)).ToArray();

    private DataViewSchema.Column SourceColumn(DataViewSchema.Column column) => _source.Schema[_sourceIndices[column.Index]];

    private sealed class Cursor(ColumnSubsetView view, DataViewRowCursor input) : DataViewRowCursor
    {
        public override DataViewSchema Schema => view.Schema;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => input.IsColumnActive(view.SourceColumn(column));

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            input.GetGetter<TValue>(view.SourceColumn(column));

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool MoveNext() => input.MoveNext();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
        }
    }
}
