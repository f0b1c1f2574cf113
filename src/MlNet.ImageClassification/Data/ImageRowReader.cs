using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>One labeled image of a data view.</summary>
/// <param name="Image">The packed image.</param>
/// <param name="Label">The class, from 0.</param>
/// <param name="Id">The row's id, the same in every pass over the data.</param>
internal readonly record struct LabeledImage(CompactImage Image, int Label, DataViewRowId Id);

/// <summary>
/// Reads the labeled images of a data view: several cursors decode ahead, each on its own thread, and the rows come out
/// in the order of the data.
/// </summary>
internal sealed class ImageRowReader
{
    private const int RowsAhead = 64;

    private readonly IDataView _data;
    private readonly DataViewSchema.Column _features;
    private readonly DataViewSchema.Column _label;
    private readonly ImageLayout _layout;
    private readonly BadImagePolicy _badImages;

    public ImageRowReader(IDataView data, string featureColumn, string labelColumn, BadImagePolicy badImages)
    {
        _data = data;
        _badImages = badImages;
        _features = data.Schema.Required(featureColumn, "features");
        _layout = ImageLayout.Infer(featureColumn, _features.Type);
        (_label, ClassCount) = LabelColumn.Find(data.Schema, labelColumn);
        Codec = new PixelCodec(_layout);
    }

    public ImageLayout Layout => _layout;

    public DataViewSchema.Column Label => _label;

    public int ClassCount { get; }

    public PixelCodec Codec { get; }

    public bool CanShuffle => _data.CanShuffle;

    /// <summary>One pass over the data.</summary>
    /// <param name="rand">Shuffles the data where it can be; null for its own order.</param>
    /// <param name="leftOut">Counts what the pass leaves out.</param>
    /// <param name="cancellation">Ends the pass with an <see cref="OperationCanceledException"/>.</param>
    public IEnumerable<LabeledImage> Read(Random? rand, LeftOutRows leftOut, CancellationToken cancellation)
    {
        var cursors = _data.GetRowCursorSet([_features, _label], Environment.ProcessorCount, rand);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var lanes = cursors.Select(cursor => new Lane(this, cursor, stop.Token)).ToArray();
        try
        {
            for (long row = 0; Next(lanes) is { } next; row++)
                if (IsUsable(next.Take(), row, leftOut, out var image))
                    yield return image;
        }
        finally
        {
            stop.Cancel();
            foreach (var lane in lanes)
                lane.Dispose();
        }
    }

    // Rows of one batch number stay in one cursor and batch numbers grow, so the lane with the lowest is next.
    private static Lane? Next(Lane[] lanes)
    {
        Lane? next = null;
        foreach (var lane in lanes)
            if (lane.Advance() && (next is null || lane.Batch < next.Batch))
                next = lane;
        return next;
    }

    private bool IsUsable(ReadRow read, long row, LeftOutRows leftOut, out LabeledImage image)
    {
        image = read.Image;
        if (image.Label == LabelColumn.Missing)
        {
            leftOut.WithoutLabel++;
            return false;
        }
        if (read.Failure is not { } failure)
            return true;

        string reason = $"The image in column '{_features.Name}' of row {row} cannot be used: {failure.Message.TrimEnd('.')}.";
        if (_badImages == BadImagePolicy.Fail)
            throw new InvalidOperationException(
                $"{reason} Repair or remove it, or set {nameof(ImageClassificationOptions.BadImages)} to " +
                $"{nameof(BadImagePolicy.Skip)}.", failure);
        leftOut.BadImages++;
        leftOut.FirstBadImage ??= reason;
        return false;
    }

    /// <summary>A row as a cursor gave it: its image, or why there is none.</summary>
    private readonly record struct ReadRow(LabeledImage Image, long Batch, Exception? Failure);

    /// <summary>A cursor, the thread that drives it and the rows it has read ahead.</summary>
    private sealed class Lane : IDisposable
    {
        private readonly ImageRowReader _reader;
        private readonly DataViewRowCursor _cursor;
        private readonly CancellationToken _stop;
        private readonly BlockingCollection<ReadRow> _rows = new(RowsAhead);
        private readonly Thread _thread;
        private ExceptionDispatchInfo? _failure;
        private ReadRow? _head;

        public Lane(ImageRowReader reader, DataViewRowCursor cursor, CancellationToken stop)
        {
            (_reader, _cursor, _stop) = (reader, cursor, stop);
            _thread = new Thread(Run) { IsBackground = true, Name = "Feature reader" };
            _thread.Start();
        }

        public long Batch => _head!.Value.Batch;

        /// <summary>Waits until the next row is there; false at the end.</summary>
        public bool Advance()
        {
            if (_head is null && _rows.TryTake(out var row, Timeout.Infinite))
                _head = row;
            if (_head is null)
                _failure?.Throw();
            return _head is not null;
        }

        public ReadRow Take()
        {
            var row = _head!.Value;
            _head = null;
            return row;
        }

        public void Dispose()
        {
            _thread.Join();
            _cursor.Dispose();
            _rows.Dispose();
        }

        private void Run()
        {
            try
            {
                ReadRows();
            }
            catch (Exception e)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                _rows.CompleteAdding();
            }
        }

        private void ReadRows()
        {
            var pixels = PixelReader.Create(_cursor, _reader._features, _reader._layout);
            var label = LabelColumn.Reader(_cursor, _reader._label);
            var id = _cursor.GetIdGetter();
            var scratch = _reader._layout.IsBytes ? [] : new float[_reader._layout.Size];
            while (_cursor.MoveNext())
            {
                _stop.ThrowIfCancellationRequested();
                DataViewRowId rowId = default;
                id(ref rowId);
                int value = label();
                var (image, failure) = value == LabelColumn.Missing ? default : Encode(pixels, scratch);
                _rows.Add(new ReadRow(new LabeledImage(image, value, rowId), _cursor.Batch, failure), _stop);
            }
        }

        private (CompactImage Image, Exception? Failure) Encode(PixelReader pixels, float[] scratch)
        {
            try
            {
                return (_reader.Codec.Encode(pixels, scratch), null);
            }
            catch (Exception e) when (e is not OperationCanceledException and not OutOfMemoryException)
            {
                return (default, e);
            }
        }
    }
}

/// <summary>Counts the rows that a pass over the data leaves out.</summary>
internal sealed class LeftOutRows
{
    public long WithoutLabel { get; set; }

    public long BadImages { get; set; }

    /// <summary>What was wrong with the first bad image.</summary>
    public string? FirstBadImage { get; set; }
}
