using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// Keeps the columns of a view in memory: each is read once, in the background, when it is first asked for.
/// Columns that cannot be kept, such as images, are left out.
/// </summary>
internal sealed class CacheView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly Lock _lock = new();
    private readonly CachedColumn[] _columns;
    private Task<int> _counting;

    public CacheView(IHostEnvironment env, IDataView source, params string[] columnsToPrefetch)
    {
        _host = env.Register("Cache");
        foreach (string name in columnsToPrefetch ?? [])
        {
            var column = source.Schema.GetColumnOrNull(name)
                ?? throw _host.ExceptSchemaMismatch(nameof(columnsToPrefetch), "prefetch", name);
            if (!ColumnSubsetView.IsCacheable(column))
                throw _host.Except($"Asked to prefetch column '{name}' into cache, but it is of unhandled type '{column.Type}'");
        }

        _source = ColumnSubsetView.OfCacheable(source);
        _columns = new CachedColumn[Schema.Count];
        if (columnsToPrefetch is { Length: > 0 })
            Fetch(columnsToPrefetch.Select(name => Schema[name]));
    }

    public DataViewSchema Schema => _source.Schema;

    public bool CanShuffle => true;

    public long? GetRowCount()
    {
        lock (_lock)
            return _counting is { IsCompletedSuccessfully: true } ? _counting.Result : _source.GetRowCount();
    }

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
        GetRowCursorSet(columnsNeeded, 1, rand)[0];

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        var fetched = Fetch(columnsNeeded);
        var rows = new RowQueue(fetched, rand);
        return Enumerable.Range(0, Math.Max(1, n)).Select(_ => (DataViewRowCursor)new Cursor(_host, Schema, fetched, rows)).ToArray();
    }

    /// <summary>The needed columns; reading starts for those that no one asked for before.</summary>
    private FetchedColumns Fetch(IEnumerable<DataViewSchema.Column> columnsNeeded)
    {
        lock (_lock)
        {
            var needed = columnsNeeded.DistinctBy(column => column.Index).ToArray();
            var missing = needed.Where(column => _columns[column.Index] == null).ToArray();
            if (missing.Length > 0 || _counting == null)
            {
                var stores = missing.Select(ColumnStore.Of).ToArray();
                _counting = Task.Run(() => Read(missing, stores));
                for (int i = 0; i < missing.Length; i++)
                    _columns[missing[i].Index] = new CachedColumn(stores[i], _counting);
            }

            var stored = new ColumnStore[Schema.Count];
            foreach (var column in needed)
                stored[column.Index] = _columns[column.Index].Store;
            var reading = needed.Select(column => _columns[column.Index].Reading).Append(_counting).Distinct().ToArray();
            return new FetchedColumns(_host, stored, reading);
        }
    }

    private int Read(DataViewSchema.Column[] columns, ColumnStore[] stores)
    {
        using var cursor = _source.GetRowCursor(columns);
        foreach (var store in stores)
            store.Attach(cursor);
        int count = 0;
        for (; cursor.MoveNext(); count++)
        {
            foreach (var store in stores)
                store.Put(count);
        }
        return count;
    }

    private sealed record CachedColumn(ColumnStore Store, Task<int> Reading);

    /// <summary>The columns of one cursor, by index; null where not asked for.</summary>
    private sealed class FetchedColumns(IHost host, ColumnStore[] stores, Task<int>[] reading)
    {
        public ColumnStore[] Stores => stores;

        /// <summary>The number of rows, once all columns are read.</summary>
        public int WaitForRowCount()
        {
            try
            {
                Task.WaitAll(reading);
            }
            catch (AggregateException exception)
            {
                throw host.Except(exception.InnerException, "Event we were waiting on was subject to an exception");
            }
            return reading[0].Result;
        }
    }

    /// <summary>Deals the rows out to the cursors of a set, in blocks.</summary>
    private sealed class RowQueue(FetchedColumns columns, Random rand)
    {
        private const int BlockSize = 64;

        private readonly Lock _lock = new();
        private int[] _order;
        private int _blockCount;

        public (long Block, ArraySegment<int> Rows) NextBlock()
        {
            lock (_lock)
            {
                _order ??= MakeOrder(columns.WaitForRowCount());
                int block = _blockCount++;
                int first = Math.Min(block * BlockSize, _order.Length);
                return (block, new ArraySegment<int>(_order, first, Math.Min(BlockSize, _order.Length - first)));
            }
        }

        private int[] MakeOrder(int rowCount)
        {
            int[] order = [.. Enumerable.Range(0, rowCount)];
            for (int i = 0; i < order.Length && rand != null; i++)
            {
                int drawn = i + rand.Next(order.Length - i);
                (order[i], order[drawn]) = (order[drawn], order[i]);
            }
            return order;
        }
    }

    private sealed class Cursor(IChannelProvider provider, DataViewSchema schema, FetchedColumns columns, RowQueue queue)
        : RootCursorBase(provider)
    {
        private long _block;
        private ArraySegment<int> _rows = [];
        private int _indexInBlock = -1;

        private int Row => _rows[_indexInBlock];

        public override DataViewSchema Schema => schema;

        public override long Batch => _block;

        public override bool IsColumnActive(DataViewSchema.Column column) => columns.Stores[column.Index] != null;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.CheckParam(IsColumnActive(column), nameof(column), "requested column not active");
            return RowCursorUtils.Cast<TValue>(columns.Stores[column.Index].MakeGetter(() => Row));
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() =>
            (ref DataViewRowId value) => value = new DataViewRowId((ulong)Row, 0);

        protected override bool MoveNextCore()
        {
            if (++_indexInBlock < _rows.Count)
                return true;
            (_block, _rows) = queue.NextBlock();
            _indexInBlock = 0;
            return _rows.Count > 0;
        }
    }
}
