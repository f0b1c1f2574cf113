using System.Collections.Concurrent;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// Splits a cursor into several that work on different threads, and consolidates several into one whose rows are
/// in the original order. Rows travel in batches, copied, so that producer and consumer never share a buffer.
/// </summary>
internal static class ParallelCursors
{
    private const int RowsPerBatch = 128;
    private const int BatchesAhead = 4;

    public static int ThreadCount => Math.Max(2, Environment.ProcessorCount - 1);

    /// <summary>Whether all these columns can be copied from thread to thread; images, for one, cannot.</summary>
    public static bool CanCarry(IEnumerable<DataViewSchema.Column> columns) =>
        columns.All(column => column.Type is PrimitiveDataViewType or VectorDataViewType);

    public static DataViewRowCursor[] Split(IChannelProvider provider, DataViewRowCursor input, int count)
    {
        if (count <= 1 || !CanCarry(ActiveColumns(input)))
            return [input];

        var layout = new BatchLayout(input);
        var queue = new BlockingCollection<Batch>(BatchesAhead);
        var stop = new CancellationTokenSource();
        var worker = Run(() =>
        {
            using (input)
            {
                var writer = layout.NewWriter(input);
                long id = 0;
                while (input.MoveNext())
                {
                    writer.Write();
                    if (writer.Count == RowsPerBatch)
                        queue.Add(writer.Take(id++), stop.Token);
                }
                if (writer.Count > 0)
                    queue.Add(writer.Take(id), stop.Token);
            }
        }, queue, stop.Token);

        int open = count;
        return [.. Enumerable.Range(0, count).Select(_ => new BatchCursor(provider, layout, NextBatch, Close))];

        Batch NextBatch() => queue.TryTake(out var batch, Timeout.Infinite) ? batch : null;

        void Close()
        {
            if (Interlocked.Decrement(ref open) > 0)
                return;
            stop.Cancel();
            worker.Wait();
        }
    }

    public static DataViewRowCursor Consolidate(IChannelProvider provider, DataViewRowCursor[] inputs)
    {
        if (inputs.Length == 1)
            return inputs[0];
        provider.CheckParam(
            inputs.All(input => input.Schema == inputs[0].Schema),
            nameof(inputs),
            "Inputs not compatible for consolidation");

        var layout = new BatchLayout(inputs[0]);
        var stop = new CancellationTokenSource();
        var queues = Array.ConvertAll(inputs, _ => new BlockingCollection<Batch>(BatchesAhead));
        var workers = inputs.Select((input, i) => Run(() =>
        {
            using (input)
            {
                var writer = layout.NewWriter(input);
                long id = 0;
                while (input.MoveNext())
                {
                    if (writer.Count > 0 && input.Batch != id)
                        queues[i].Add(writer.Take(id), stop.Token);
                    id = input.Batch;
                    writer.Write();
                }
                if (writer.Count > 0)
                    queues[i].Add(writer.Take(id), stop.Token);
            }
        }, queues[i], stop.Token)).ToArray();

        // The next batch of each input that has one; the lowest is next of all.
        var heads = new Batch[inputs.Length];
        var ended = new bool[inputs.Length];
        return new BatchCursor(provider, layout, NextBatch, () =>
        {
            stop.Cancel();
            Task.WaitAll(workers);
        });

        Batch NextBatch()
        {
            for (int i = 0; i < heads.Length; i++)
            {
                if (heads[i] is null && !ended[i])
                    ended[i] = !queues[i].TryTake(out heads[i], Timeout.Infinite);
                if (heads[i]?.Error is not null)
                    return heads[i];
            }
            var first = heads.Where(head => head is not null).MinBy(head => head.Id);
            if (first is not null)
                heads[Array.IndexOf(heads, first)] = null;
            return first;
        }
    }

    private static IEnumerable<DataViewSchema.Column> ActiveColumns(DataViewRow row) =>
        row.Schema.Where(row.IsColumnActive);

    /// <summary>Runs a producer on a thread of its own; its failure becomes the last batch.</summary>
    private static Task Run(Action produce, BlockingCollection<Batch> queue, CancellationToken stop) =>
        Task.Factory.StartNew(
            () =>
            {
                try
                {
                    produce();
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                }
                catch (Exception ex)
                {
                    // The consumer may have left, and then the queue may stay full.
                    try
                    {
                        queue.Add(new Batch(ex), stop);
                    }
                    catch (OperationCanceledException)
                    {
                    }
                }
                finally
                {
                    queue.CompleteAdding();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    /// <summary>Some rows: one array for each active column, and one of row ids behind them.</summary>
    private sealed class Batch
    {
        public Batch(long id, int count, Array[] columns)
        {
            Id = id;
            Count = count;
            Columns = columns;
        }

        public Batch(Exception error) => Error = error;

        public long Id { get; }

        public int Count { get; }

        public Array[] Columns { get; }

        public Exception Error { get; }
    }

    /// <summary>The active columns of the cursors on both sides, and the arrays that go to and fro between them.</summary>
    private sealed class BatchLayout
    {
        private readonly int[] _placeOfColumn;
        private readonly DataViewSchema.Column[] _columns;
        private readonly Column[] _pools;

        public BatchLayout(DataViewRow row)
        {
            Schema = row.Schema;
            _columns = [.. ActiveColumns(row)];
            _placeOfColumn = new int[Schema.Count];
            Array.Fill(_placeOfColumn, -1);
            for (int place = 0; place < _columns.Length; place++)
                _placeOfColumn[_columns[place].Index] = place;
            _pools = [.. _columns.Select(column => Column.Create(column.Type)), new Column<DataViewRowId>()];
        }

        public DataViewSchema Schema { get; }

        public int IdPlace => _columns.Length;

        /// <summary>The place of a column in a batch, or -1 where it is not active.</summary>
        public int PlaceOf(DataViewSchema.Column column) => _placeOfColumn[column.Index];

        public Writer NewWriter(DataViewRow row) => new(
            [.. _columns.Select((column, i) => _pools[i].NewWriter(row.GetGetterAsDelegate(column))),
                _pools[IdPlace].NewWriter(row.GetIdGetter())]);

        public ColumnReader[] NewReaders() => Array.ConvertAll(_pools, pool => pool.NewReader());
    }

    private sealed class Writer(ColumnWriter[] columns)
    {
        public int Count { get; private set; }

        public void Write()
        {
            foreach (var column in columns)
                column.Write(Count);
            Count++;
        }

        public Batch Take(long id)
        {
            var batch = new Batch(id, Count, Array.ConvertAll(columns, column => column.Take()));
            Count = 0;
            return batch;
        }
    }

    private abstract class ColumnWriter
    {
        public abstract void Write(int row);

        public abstract Array Take();
    }

    private abstract class ColumnReader
    {
        public abstract Delegate Getter { get; }

        /// <summary>Takes over a batch's array, or with null lets go of the last.</summary>
        public abstract void Set(Array values);

        public abstract void MoveTo(int row);
    }

    /// <summary>One column's arrays. Their values keep their buffers and are filled again and again.</summary>
    private abstract class Column
    {
        public static Column Create(DataViewType type) => (Column)Activator.CreateInstance(
            type is VectorDataViewType vector
                ? typeof(VectorColumn<>).MakeGenericType(vector.ItemType.RawType)
                : typeof(Column<>).MakeGenericType(type.RawType));

        public abstract ColumnWriter NewWriter(Delegate getter);

        public abstract ColumnReader NewReader();
    }

    private class Column<T> : Column
    {
        private readonly ConcurrentBag<T[]> _free = [];

        public override ColumnWriter NewWriter(Delegate getter) => new TypedWriter(this, (ValueGetter<T>)getter);

        public override ColumnReader NewReader() => new TypedReader(this);

        protected virtual void Copy(in T source, ref T destination) => destination = source;

        private sealed class TypedWriter(Column<T> column, ValueGetter<T> getter) : ColumnWriter
        {
            private T[] _values = [];

            public override void Write(int row)
            {
                if (row == 0)
                    _values = column._free.TryTake(out var free) ? free : new T[RowsPerBatch];
                if (row == _values.Length)
                    Array.Resize(ref _values, 2 * row);
                getter(ref _values[row]);
            }

            public override Array Take() => _values;
        }

        private sealed class TypedReader(Column<T> column) : ColumnReader
        {
            private T[] _values;
            private int _row;

            public override Delegate Getter => (ValueGetter<T>)Get;

            public override void Set(Array values)
            {
                if (_values is not null)
                    column._free.Add(_values);
                _values = (T[])values;
                _row = 0;
            }

            public override void MoveTo(int row) => _row = row;

            private void Get(ref T value)
            {
                Contracts.Check(_values is not null, "Cannot get value as the cursor is not in a good state");
                column.Copy(in _values[_row], ref value);
            }
        }
    }

    private sealed class VectorColumn<T> : Column<VBuffer<T>>
    {
        protected override void Copy(in VBuffer<T> source, ref VBuffer<T> destination) =>
            source.CopyTo(ref destination);
    }

    /// <summary>Serves the rows of the batches it takes from elsewhere.</summary>
    private sealed class BatchCursor : RootCursorBase
    {
        private readonly BatchLayout _layout;
        private readonly Func<Batch> _nextBatch;
        private readonly Action _close;
        private readonly ColumnReader[] _readers;
        private Batch _current;
        private int _row;
        private bool _closed;

        public BatchCursor(IChannelProvider provider, BatchLayout layout, Func<Batch> nextBatch, Action close)
            : base(provider)
        {
            _layout = layout;
            _nextBatch = nextBatch;
            _close = close;
            _readers = layout.NewReaders();
        }

        public override DataViewSchema Schema => _layout.Schema;

        public override long Batch => _current?.Id ?? -1;

        public override bool IsColumnActive(DataViewSchema.Column column)
        {
            Ch.CheckParam(column.Index < Schema.Count, nameof(column));
            return _layout.PlaceOf(column) >= 0;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.CheckParam(IsColumnActive(column), nameof(column), "requested column not active.");
            return RowCursorUtils.Cast<TValue>(_readers[_layout.PlaceOf(column)].Getter);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() =>
            (ValueGetter<DataViewRowId>)_readers[_layout.IdPlace].Getter;

        protected override bool MoveNextCore()
        {
            if (_current is not null && ++_row < _current.Count)
            {
                foreach (var reader in _readers)
                    reader.MoveTo(_row);
                return true;
            }
            _current = _nextBatch();
            if (_current?.Error is { } error)
                throw Contracts.Except(
                    error, "Splitter/consolidator worker encountered exception while consuming source data");
            _row = 0;
            for (int i = 0; _current is not null && i < _readers.Length; i++)
                _readers[i].Set(_current.Columns[i]);
            return _current is not null;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_closed)
            {
                _closed = true;
                foreach (var reader in _readers)
                    reader.Set(null);
                _close();
            }
            base.Dispose(disposing);
        }
    }
}
