using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>
/// Reads rows ahead into blocks, scores a block in one forward pass, and serves its rows while a thread of its own works on
/// the next block. What passes through is copied along: a second cursor over a shuffled input would meet other rows.
/// </summary>
internal sealed class BatchScoringCursor : DataViewRowCursor
{
    private const int BlocksAhead = 2;
    private const int FirstBlock = 8;
    private const int LargestBlock = 128;
    private const int ValuesPerBlock = 1 << 22;

    private readonly ScoreMapper _mapper;
    private readonly Scorer _scorer;
    private readonly int _classCount;
    private readonly DataViewRowCursor _input;
    private readonly HashSet<int> _active;
    private readonly Delegate[] _scoreGetters;
    private readonly BlockingCollection<RowBlock> _free = [];
    private readonly BlockingCollection<RowBlock> _scored = [];
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
        if (_block is null || ++_row >= _block.Count)
        {
            if (_block is not null)
                _free.Add(_block);
            _row = 0;
            if (!_scored.TryTake(out _block, Timeout.Infinite))
            {
                var failure = _failure;
                Dispose();
                failure?.Throw();
                return false;
            }
        }
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

        // The blocks are made later, by the thread that fills them; the getter finds its column in the current one.
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
        _block = null;
        _position = -1;
        _stop.Dispose();
        _free.Dispose();
        _scored.Dispose();
    }

    private void Start()
    {
        for (int i = 0; i < BlocksAhead; i++)
            _free.Add(new RowBlock());
        _thread = new Thread(Run) { IsBackground = true, Name = "Batch scoring" };
        _thread.Start();
    }

    private void Run()
    {
        try
        {
            ScoreBlocks();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The reader has gone.
        }
        catch (Exception e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            _scored.CompleteAdding();
        }
    }

    private void ScoreBlocks()
    {
        int capacity = Math.Clamp(ValuesPerBlock / _mapper.Layout.Size, FirstBlock, LargestBlock);
        using var images = Scorer.NewBatch(_mapper.Layout, capacity);
        var pixels = PixelReader.Create(_input, _mapper.Source, _mapper.Layout);
        var id = _input.GetIdGetter();

        // Who looks at a few rows only should not wait for a full block.
        for (int size = Math.Min(FirstBlock, capacity); ; size = Math.Min(2 * size, capacity))
        {
            var block = _free.Take(_stop.Token);
            block.Prepare(_input, _active.Where(column => !_mapper.IsAdded(column)), capacity, _classCount);
            while (block.Count < size && _input.MoveNext())
            {
                _stop.Token.ThrowIfCancellationRequested();
                _mapper.Read(pixels, images.Image(block.Count), _input.Position);
                block.Add(id, _input.Batch);
            }
            if (block.Count == 0)
                return;
            _scorer.Score(images, block.Count, block.Scores.AsSpan(0, block.Count * _classCount));
            bool last = block.Count < size;
            _scored.Add(block, _stop.Token);
            if (last)
                return;
        }
    }
}

/// <summary>Rows read ahead, with their scores.</summary>
internal sealed class RowBlock
{
    public int Count { get; private set; }

    public float[] Scores { get; private set; } = [];

    public DataViewRowId[] Ids { get; private set; } = [];

    public long[] Batches { get; private set; } = [];

    /// <summary>The columns that pass through, by index.</summary>
    public Dictionary<int, ColumnBuffer> Columns { get; } = [];

    /// <summary>Makes room, the first time, and forgets the rows.</summary>
    public void Prepare(DataViewRow input, IEnumerable<int> columns, int capacity, int classCount)
    {
        Count = 0;
        if (Ids.Length > 0)
            return;
        Scores = new float[capacity * classCount];
        Ids = new DataViewRowId[capacity];
        Batches = new long[capacity];
        foreach (int column in columns)
            Columns.Add(column, ColumnBuffer.Create(input, input.Schema[column], capacity));
    }

    /// <summary>Copies the input's current row.</summary>
    public void Add(ValueGetter<DataViewRowId> id, long batch)
    {
        foreach (var column in Columns.Values)
            column.Fill(Count);
        id(ref Ids[Count]);
        Batches[Count] = batch;
        Count++;
    }
}
