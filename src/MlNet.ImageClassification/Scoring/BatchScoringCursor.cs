using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>
/// Serves rows block by block: a thread of its own reads the next blocks, and the thread that calls MoveNext scores a block
/// when it comes to it. What passes through is copied along: a second cursor over a shuffled input would meet other rows.
/// </summary>
/// <remarks>
/// The caller's thread scores because LibTorch keeps a pool of threads for every thread that computes. A second pool
/// beside the one Fit made has more threads than there are cores; they then sleep instead of spin between operations, and
/// a forward pass takes up to a third longer.
/// </remarks>
internal sealed class BatchScoringCursor : DataViewRowCursor
{
    private const int BlockCount = 3;
    private const int FirstBlock = 16;
    private const int BlockGrowth = 4;
    private const int LargestBlock = 128;
    private const int ValuesPerBlock = 1 << 22;

    private readonly ScoreMapper _mapper;
    private readonly Scorer _scorer;
    private readonly int _classCount;
    private readonly DataViewRowCursor _input;
    private readonly HashSet<int> _active;
    private readonly Delegate[] _scoreGetters;
    private readonly RowBlock[] _blocks = new RowBlock[BlockCount];
    private readonly BlockingCollection<RowBlock> _free = [];
    private readonly BlockingCollection<RowBlock> _read = [];
    private readonly CancellationTokenSource _stop = new();
    private Thread? _thread;
    private ExceptionDispatchInfo? _failure;
    private RowBlock? _block;
    private int _row;
    private long _position = -1;
    private bool _disposed;

    public BatchScoringCursor(
        ScoreMapper mapper, Scorer scorer, int classCount, DataViewRowCursor input, IReadOnlyList<DataViewSchema.Column> needed)
    {
        (_mapper, _scorer, _classCount, _input) = (mapper, scorer, classCount, input);
        _active = needed.Select(column => column.Index).ToHashSet();
        _scoreGetters = ScoreMapper.Getters(() => Current.Scores.AsSpan(_row * _classCount, _classCount));
    }

    public override DataViewSchema Schema => _mapper.OutputSchema;

    public override long Position => _position;

    public override long Batch => _block is null ? 0 : _block.Batches[_row];

    private RowBlock Current => _block ?? throw new InvalidOperationException(
        "The cursor stands at no row: MoveNext was not called yet, or it returned false.");

    public override bool MoveNext()
    {
        if (_disposed)
            return false;
        if (_thread is null)
            Start();
        if ((_block is null || ++_row >= _block.Count) && !NextBlock())
            return false;
        _position++;
        return true;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        ColumnGetter.Check<TValue>(column, _active.Contains(column.Index));
        int index = column.Index;
        if (_mapper.IsAdded(index))
            return (ValueGetter<TValue>)_scoreGetters[index - _mapper.InputSchema.Count];

        // The rows come in several blocks; the getter finds its column in the current one.
        return (ref TValue value) => ((ColumnBuffer<TValue>)Current.Columns[index]).Get(_row, ref value);
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = Current.Ids[_row];

    protected override void Dispose(bool disposing)
    {
        if (_disposed || !disposing)
            return;
        _disposed = true;
        _stop.Cancel();
        _thread?.Join();
        _input.Dispose();
        foreach (var block in _blocks)
            block?.Dispose();
        _block = null;
        _position = -1;
        _stop.Dispose();
        _free.Dispose();
        _read.Dispose();
    }

    private bool NextBlock()
    {
        if (_block is not null)
            _free.Add(_block);
        (_block, _row) = (null, 0);
        if (!_read.TryTake(out var block, Timeout.Infinite))
        {
            Dispose();
            _failure?.Throw();
            return false;
        }
        try
        {
            _scorer.Score(block.Images, block.Count, block.Scores.AsSpan(0, block.Count * _classCount));
        }
        catch
        {
            Dispose();
            throw;
        }
        _block = block;
        return true;
    }

    private void Start()
    {
        int capacity = Math.Clamp(ValuesPerBlock / _mapper.Layout.Size, 1, LargestBlock);
        var passing = _active.Where(column => !_mapper.IsAdded(column)).ToArray();
        for (int i = 0; i < BlockCount; i++)
        {
            _blocks[i] = new RowBlock(_input, passing, _mapper.Layout, capacity, _classCount);
            _free.Add(_blocks[i]);
        }
        _thread = new Thread(() => Run(capacity)) { IsBackground = true, Name = "Batch scoring reader" };
        _thread.Start();
    }

    private void Run(int capacity)
    {
        try
        {
            ReadBlocks(capacity);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Nobody waits for the rows any more.
        }
        catch (Exception e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            _read.CompleteAdding();
        }
    }

    private void ReadBlocks(int capacity)
    {
        var pixels = PixelReader.Create(_input, _mapper.Source, _mapper.Layout);
        var id = _input.GetIdGetter();

        // Who looks at a few rows only should not wait for a full block.
        for (int size = FirstBlock; ; size *= BlockGrowth)
        {
            size = Math.Min(size, capacity);
            var block = _free.Take(_stop.Token);
            block.Clear();
            try
            {
                while (block.Count < size && _input.MoveNext())
                {
                    _stop.Token.ThrowIfCancellationRequested();
                    _mapper.Read(pixels, block.NextImage, _input.Position);
                    block.Add(id, _input.Batch);
                }
            }
            finally
            {
                // The rows before one that cannot be read are served all the same.
                if (block.Count > 0)
                    _read.Add(block);
            }
            if (block.Count < size)
                return;
        }
    }
}

/// <summary>Rows read ahead: their images, what passes through, and room for their scores.</summary>
internal sealed class RowBlock : IDisposable
{
    private readonly DataViewRowId[] _ids;
    private readonly long[] _batches;

    public RowBlock(DataViewRow input, IEnumerable<int> columns, ImageLayout layout, int capacity, int classCount)
    {
        Images = Scorer.NewBatch(layout, capacity);
        Scores = new float[capacity * classCount];
        _ids = new DataViewRowId[capacity];
        _batches = new long[capacity];
        Columns = columns.ToDictionary(
            column => column, column => ColumnBuffer.Create(input, input.Schema[column], capacity));
    }

    public int Count { get; private set; }

    public ScoringBatch Images { get; }

    public float[] Scores { get; }

    public IReadOnlyList<DataViewRowId> Ids => _ids;

    public IReadOnlyList<long> Batches => _batches;

    /// <summary>The columns that pass through, by index.</summary>
    public IReadOnlyDictionary<int, ColumnBuffer> Columns { get; }

    /// <summary>Where the image of the next row goes, before the row is added.</summary>
    public Span<float> NextImage => Images.Image(Count);

    /// <summary>Forgets the rows.</summary>
    public void Clear() => Count = 0;

    /// <summary>Copies the rest of the input's current row.</summary>
    public void Add(ValueGetter<DataViewRowId> id, long batch)
    {
        foreach (var column in Columns.Values)
            column.Fill(Count);
        id(ref _ids[Count]);
        _batches[Count] = batch;
        Count++;
    }

    public void Dispose() => Images.Dispose();
}
