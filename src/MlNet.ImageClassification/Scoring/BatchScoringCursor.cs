using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>
/// Serves rows block by block; the thread that calls MoveNext scores a block when it comes to it. Where reading takes long enough to be worth
/// it, a thread of its own reads the next blocks. What passes through is copied along: a second cursor over a shuffled input would meet
/// other rows.
/// </summary>
/// <remarks>
/// A thread more than cores holds up every operation of a forward pass: rows that are in memory are scored 4 % faster without one.
/// The caller's thread scores because LibTorch keeps a pool of threads for every thread that computes. A second pool
/// beside the one Fit made has more threads than there are cores; they then sleep instead of spin between operations, and
/// a forward pass takes up to a third longer.
/// </remarks>
internal sealed class BatchScoringCursor : DataViewRowCursor, IScoredRow
{
    private const int FirstBlock = 16;
    private const int BlockGrowth = 4;
    private const int LargestBlock = 128;
    private const int ValuesPerBlock = 1 << 22;
    private const double ReadingWorthAThread = 0.05;

    private readonly NetworkMapper _mapper;
    private readonly DataViewRowCursor _input;
    private readonly Func<Exception?> _firstBadImage;
    private readonly HashSet<int> _active;
    private readonly Delegate[] _addedGetters;
    private readonly SkippedImages _skipped;
    private readonly CancellationTokenSource _stop = new();
    private RowBlock[] _blocks = [];
    private IEnumerator<RowBlock>? _reading;
    private Prefetcher<RowBlock>? _reader;
    private RowBlock? _block;
    private int _row;
    private long _position = -1;
    private bool _disposed;

    public BatchScoringCursor(
        NetworkMapper mapper, DataViewRowCursor input, IReadOnlyList<DataViewSchema.Column> needed, Func<Exception?> firstBadImage)
    {
        (_mapper, _input, _firstBadImage) = (mapper, input, firstBadImage);
        _active = needed.Select(column => column.Index).ToHashSet();
        _addedGetters = mapper.Getters(this);
        _skipped = new SkippedImages(mapper.Environment, mapper.Missing);
    }

    public override DataViewSchema Schema => _mapper.OutputSchema;

    public override long Position => _position;

    public override long Batch => _block is null ? 0 : _block.Batches[_row];

    ReadOnlySpan<float> IScoredRow.Values => Current.Values(_row);

    ReadOnlySpan<byte> IScoredRow.Image => Current.Image(_row);

    private RowBlock Current => _block ?? throw new InvalidOperationException(
        "The cursor stands at no row: MoveNext was not called yet, or it returned false.");

    public override bool MoveNext()
    {
        if (_disposed)
            return false;
        if ((_block is null || ++_row >= _block.Count) && !NextBlock())
        {
            Dispose();
            return false;
        }
        if (Current.BadImages[_row] is { } reason)
            _skipped.Add(reason);
        _position++;
        return true;
    }

    public override bool IsColumnActive(DataViewSchema.Column column)
    {
        ColumnGetter.CheckColumn(Schema, column);
        return _active.Contains(column.Index);
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        ColumnGetter.CheckColumn(Schema, column);
        ColumnGetter.Check<TValue>(column, _active.Contains(column.Index));
        int index = column.Index;
        if (_mapper.IsAdded(index))
            return (ValueGetter<TValue>)_addedGetters[index - _mapper.InputSchema.Count];

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
        _reader?.Dispose();
        _reading?.Dispose();
        _stop.Dispose();
        DisposeInput();
        foreach (var block in _blocks)
            block.Dispose();
        _block = null;
        _position = -1;
        _skipped.Report();
    }

    // ML.NET's workers throw here what they met in rows that nobody has come to; what the caller met himself was thrown before.
    private void DisposeInput()
    {
        try
        {
            _input.Dispose();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
        }
    }

    private bool NextBlock()
    {
        bool isFirst = _reading is null;
        (_block, _row) = (null, 0);
        try
        {
            long start = Stopwatch.GetTimestamp();
            _reading ??= ReadBlocks().GetEnumerator();
            if (!TryRead(out var block))
                return false;
            long read = Stopwatch.GetTimestamp();
            block.Score(_mapper.Scorer);
            _block = block;

            // The first block makes the model ready as well.
            if (_reader is null && !isFirst && read - start > ReadingWorthAThread * (Stopwatch.GetTimestamp() - read))
                _reader = new Prefetcher<RowBlock>("Batch scoring reader", ahead: 1, _ => Rest(_reading));
            return true;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private bool TryRead([NotNullWhen(true)] out RowBlock? block)
    {
        if (_reader is not null)
            return _reader.TryRead(out block);
        block = _reading!.MoveNext() ? _reading.Current : null;
        return block is not null;
    }

    private static IEnumerable<RowBlock> Rest(IEnumerator<RowBlock> blocks)
    {
        while (blocks.MoveNext())
            yield return blocks.Current;
    }

    private IEnumerable<RowBlock> ReadBlocks()
    {
        int capacity = Math.Clamp(ValuesPerBlock / _mapper.Layout.Size, 1, LargestBlock);
        var passing = _active.Where(column => !_mapper.IsAdded(column)).ToArray();

        // One is served, one waits, one is filled.
        _blocks = [.. Enumerable.Range(0, 3).Select(_ => new RowBlock(_input, passing, _mapper.Layout, capacity, _mapper.Scorer.Output.Size))];
        var image = _mapper.ImageOf(_input);
        var id = _input.GetIdGetter();

        // Who looks at a few rows only should not wait for a full block.
        int size = FirstBlock;
        for (int i = 0; ; i = (i + 1) % _blocks.Length, size *= BlockGrowth)
        {
            size = Math.Min(size, capacity);
            var block = _blocks[i];
            var failure = Fill(block, size, image, id);

            // The rows before one that cannot be read are served all the same.
            if (block.Count > 0)
                yield return block;
            failure?.Throw();
            if (block.Count < size)
                yield break;
        }
    }

    private bool MoveInput()
    {
        try
        {
            return _input.MoveNext();
        }
        catch (Exception e) when (e is not OperationCanceledException && _firstBadImage() is { } found)
        {
            throw found;
        }
    }

    private ExceptionDispatchInfo? Fill(RowBlock block, int size, RowImage image, ValueGetter<DataViewRowId> id)
    {
        block.Clear();
        try
        {
            while (block.Count < size && MoveInput())
            {
                _stop.Token.ThrowIfCancellationRequested();
                string? badImage = _mapper.Read(image, block.NextImage, _input.Position);
                block.Add(id, _input.Batch, badImage);
            }
            return null;
        }
        catch (Exception e)
        {
            return ExceptionDispatchInfo.Capture(e);
        }
    }
}
