using Microsoft.ML;

namespace MlNet.ImageClassification;

/// <summary>A row as a cursor gave it.</summary>
/// <param name="Image">The image; without pixels where there is none.</param>
/// <param name="Batch">The cursor's batch number.</param>
/// <param name="Failure">Why there is no image.</param>
/// <param name="Path">The file of an image that cannot be used, where the data tells it.</param>
internal readonly record struct CursorRow(LabeledImage Image, long Batch, Exception? Failure, string? Path);

/// <summary>Reads a set of cursors, each on a thread of its own, and puts their rows back in the order of the data.</summary>
internal sealed class CursorLanes : IDisposable
{
    private const int RowsAhead = 64;

    private readonly Lane[] _lanes;

    /// <summary>Starts to read.</summary>
    /// <param name="cursors">A set of cursors of one data view; disposed with this.</param>
    /// <param name="read">Reads the rows of a cursor.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public CursorLanes(
        DataViewRowCursor[] cursors, Func<DataViewRowCursor, CancellationToken, IEnumerable<CursorRow>> read,
        CancellationToken cancellation) =>
        _lanes = [.. cursors.Select(cursor => new Lane(cursor, read, cancellation))];

    /// <summary>Why the reading ended before the data did.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Waits for the next row; false at the end and after a failure.</summary>
    public bool TryRead(out CursorRow row)
    {
        // Rows of one batch number stay in one cursor and batch numbers grow, so the lane with the lowest is next.
        Lane? next = null;
        try
        {
            foreach (var lane in _lanes)
                if (lane.HasNext() && (next is null || lane.Batch < next.Batch))
                    next = lane;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Failure = e;
            next = null;
        }
        row = next?.Take() ?? default;
        return next is not null;
    }

    public void Dispose()
    {
        foreach (var lane in _lanes)
            lane.Dispose();
    }

    private sealed class Lane(
        DataViewRowCursor cursor, Func<DataViewRowCursor, CancellationToken, IEnumerable<CursorRow>> read,
        CancellationToken cancellation) : IDisposable
    {
        private readonly Prefetcher<CursorRow> _rows = new("Image reader", RowsAhead, stop => read(cursor, stop), cancellation);
        private CursorRow? _head;

        public long Batch => _head!.Value.Batch;

        public bool HasNext()
        {
            if (_head is null && _rows.TryRead(out var row))
                _head = row;
            return _head is not null;
        }

        public CursorRow Take()
        {
            var row = _head!.Value;
            _head = null;
            return row;
        }

        public void Dispose()
        {
            _rows.Dispose();
            cursor.Dispose();
        }
    }
}
