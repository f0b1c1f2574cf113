using System.Collections.Concurrent;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// The rows of a view in random order: each is drawn from a pool, which the next row of the source then joins.
/// The same seed gives the same order in every pass. Columns that cannot be kept, such as images, are left out.
/// </summary>
internal sealed class ShuffleView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly int _poolSize;
    private readonly bool _shuffleSource;
    private readonly int _seed;

    public ShuffleView(IHostEnvironment env, IDataView source, int? seed, int poolSize, bool shuffleSource)
    {
        _host = env.Register("Shuffle");
        _source = ColumnSubsetView.OfCacheable(source);
        _poolSize = poolSize;
        _shuffleSource = shuffleSource;
        _seed = seed ?? _host.Rand.Next();
    }

    public DataViewSchema Schema => _source.Schema;

    public bool CanShuffle => true;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        rand ??= new TauswortheHybrid(_seed);
        var input = _source.GetRowCursor(columnsNeeded, _shuffleSource ? new TauswortheHybrid(rand) : null);
        return _poolSize == 1 ? input : new Cursor(_host, input, _poolSize, rand);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    /// <summary>
    /// A task of its own reads the source ahead into numbered slots; the cursor holds a pool of filled slots and
    /// gives a slot back when its row is done.
    /// </summary>
    private sealed class Cursor : LinkedRootCursorBase
    {
        private const int ReadAhead = 48;
        private const int NoSlot = -1;

        private readonly Random _random;
        private readonly int[] _pool;
        private readonly ColumnStore[] _columns;
        private readonly ColumnStore _ids = ColumnStore.OfIds();
        private readonly BlockingCollection<int> _freeSlots = new(new ConcurrentQueue<int>());
        private readonly BlockingCollection<int> _filledSlots = new(new ConcurrentQueue<int>());
        private readonly Task _reading;
        private Exception _failure;
        // The pool is a ring: its first row is at _head.
        private int _head;
        private int _count;
        private int _slot = NoSlot;
        private bool _disposed;

        public Cursor(IChannelProvider provider, DataViewRowCursor input, int poolSize, Random random)
            : base(provider, input)
        {
            _random = random;
            _pool = new int[poolSize];
            _columns = Schema.Select(column => input.IsColumnActive(column) ? ColumnStore.Of(column) : null).ToArray();
            foreach (var store in Stores())
            {
                store.Attach(input);
                store.Reserve(poolSize + ReadAhead);
            }
            for (var slot = 0; slot < poolSize + ReadAhead; slot++)
                _freeSlots.Add(slot);
            _reading = Task.Run(Read);
        }

        public override DataViewSchema Schema => Input.Schema;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _columns[column.Index] != null;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.CheckParam(IsColumnActive(column), nameof(column), "requested column not active");
            return RowCursorUtils.Cast<TValue>(_columns[column.Index].MakeGetter(() => _slot));
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ValueGetter<DataViewRowId>)_ids.MakeGetter(() => _slot);

        protected override bool MoveNextCore()
        {
            if (_slot != NoSlot)
                Leave();
            while (_count < _pool.Length && _filledSlots.TryTake(out var slot, Timeout.Infinite))
                _pool[Ring(_count++)] = slot;
            if (_failure != null)
                throw Ch.Except(_failure, "Shuffle input cursor reader failed with an exception");
            if (_count == 0)
                return false;

            var drawn = Ring(_random.Next(_count));
            (_pool[drawn], _pool[_head]) = (_pool[_head], _pool[drawn]);
            _slot = _pool[_head];
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                _disposed = true;
                _freeSlots.CompleteAdding();
                // The input may be disposed of only when nobody reads it any more.
                _reading.Wait();
                _freeSlots.Dispose();
                _filledSlots.Dispose();
            }
            base.Dispose(disposing);
        }

        private void Leave()
        {
            _freeSlots.Add(_slot);
            _head = Ring(1);
            _count--;
            _slot = NoSlot;
        }

        private int Ring(int place) => (_head + place) % _pool.Length;

        private IEnumerable<ColumnStore> Stores() => _columns.Where(store => store != null).Append(_ids);

        private void Read()
        {
            try
            {
                foreach (var slot in _freeSlots.GetConsumingEnumerable())
                {
                    if (_freeSlots.IsAddingCompleted || !Input.MoveNext())
                        break;
                    foreach (var store in Stores())
                        store.Put(slot);
                    _filledSlots.Add(slot);
                }
            }
            catch (Exception exception)
            {
                _failure = exception;
            }
            finally
            {
                _filledSlots.CompleteAdding();
            }
        }
    }
}
