using Microsoft.ML;
using Microsoft.ML.Data;

namespace Cifar10Loader;

/// <summary>The rows of another view whose ids are, or are not, in a set.</summary>
internal sealed class RowFilterView(IDataView input, HashSet<DataViewRowId> ids, bool keep, long rowCount) : IDataView
{
    public DataViewSchema Schema => input.Schema;

    public bool CanShuffle => input.CanShuffle;

    public long? GetRowCount() => rowCount;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(input.GetRowCursor(columnsNeeded, rand), ids, keep);

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [.. input.GetRowCursorSet(columnsNeeded, n, rand).Select(cursor => new Cursor(cursor, ids, keep))];

    private sealed class Cursor(DataViewRowCursor source, HashSet<DataViewRowId> ids, bool keep) : DataViewRowCursor
    {
        private readonly ValueGetter<DataViewRowId> _getId = source.GetIdGetter();
        private long _position = -1;

        public override DataViewSchema Schema => source.Schema;

        public override long Position => _position;

        public override long Batch => source.Batch;

        public override bool MoveNext()
        {
            DataViewRowId id = default;
            while (source.MoveNext())
            {
                _getId(ref id);
                if (ids.Contains(id) == keep)
                {
                    _position++;
                    return true;
                }
            }

            _position = -1;
            return false;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => source.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            source.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                source.Dispose();
            base.Dispose(disposing);
        }
    }
}
