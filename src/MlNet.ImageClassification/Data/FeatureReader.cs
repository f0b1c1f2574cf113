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
internal sealed class FeatureReader
{
    private const int RowsAhead = 64;

    private readonly IDataView _data;
    private readonly DataViewSchema.Column _features;
    private readonly DataViewSchema.Column _label;
    private readonly ImageLayout _layout;
    private readonly BadImagePolicy _badImages;

    public FeatureReader(IDataView data, string featureColumn, string labelColumn, BadImagePolicy badImages)
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
    /// <param name="count">Counts what the pass leaves out.</param>
    /// <param name="cancellation">Ends the pass with an <see cref="OperationCanceledException"/>.</param>
    public IEnumerable<LabeledImage> Read(Random? rand, LeftOutRows count, CancellationToken cancellation)
    {
        var columns = new[] { _features, _label };
        var cursors = _data.GetRowCursorSet(columns, Environment.ProcessorCount, rand);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var lanes = cursors.Select(cursor => new Lane(this, cursor, count, stop.Token)).ToArray();
        try
        {
            // Rows of one batch number stay in one cursor and batch numbers grow, so the lane with the lowest is next.
            while (true)
            {
                Lane? next = null;
                foreach (var lane in lanes)
                    if (lane.Advance() && (next is null || lane.Batch < next.Batch))
                        next = lane;
                if (next is null)
                    yield break;
                yield return next.Take();
            }
        }
        finally
        {
            stop.Cancel();
            foreach (var lane in lanes)
                lane.Dispose();
        }
    }

    /// <summary>A cursor, the thread that drives it and the rows it has read ahead.</summary>
    private sealed class Lane : IDisposable
    {
        private readonly FeatureReader _reader;
        private readonly DataViewRowCursor _cursor;
        private readonly LeftOutRows _count;
        private readonly CancellationToken _stop;
        private readonly BlockingCollection<(LabeledImage Image, long Batch)> _rows = new(RowsAhead);
        private readonly Thread _thread;
        private ExceptionDispatchInfo? _failure;
        private (LabeledImage Image, long Batch)? _head;

        public Lane(FeatureReader reader, DataViewRowCursor cursor, LeftOutRows count, CancellationToken stop)
        {
            (_reader, _cursor, _count, _stop) = (reader, cursor, count, stop);
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

        public LabeledImage Take()
        {
            var image = _head!.Value.Image;
            _head = null;
            return image;
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
                int value = label();
                if (value == LabelColumn.Missing)
                {
                    _count.AddWithoutLabel();
                    continue;
                }
                if (!TryEncode(pixels, scratch, out var image))
                    continue;
                DataViewRowId rowId = default;
                id(ref rowId);
                _rows.Add((new LabeledImage(image, value, rowId), _cursor.Batch), _stop);
            }
        }

        private bool TryEncode(PixelReader pixels, float[] scratch, out CompactImage image)
        {
            try
            {
                image = _reader.Codec.Encode(pixels, scratch);
                return true;
            }
            catch (Exception e) when (e is not OperationCanceledException and not OutOfMemoryException)
            {
                string reason = $"The image in column '{_reader._features.Name}' of row {_cursor.Position} cannot be used: {e.Message.TrimEnd('.')}.";
                if (_reader._badImages == BadImagePolicy.Fail)
                    throw new InvalidOperationException(
                        $"{reason} Repair or remove it, or set {nameof(ImageClassificationOptions.BadImages)} to " +
                        $"{nameof(BadImagePolicy.Skip)}.", e);
                _count.AddBadImage(reason);
                image = default;
                return false;
            }
        }
    }
}

/// <summary>Counts the rows that a pass over the data leaves out; several threads add to it.</summary>
internal sealed class LeftOutRows
{
    private long _withoutLabel;
    private long _badImages;
    private string? _firstBadImage;

    public long WithoutLabel => Interlocked.Read(ref _withoutLabel);

    public long BadImages => Interlocked.Read(ref _badImages);

    /// <summary>What was wrong with one of the bad images.</summary>
    public string? FirstBadImage => _firstBadImage;

    public void AddWithoutLabel() => Interlocked.Increment(ref _withoutLabel);

    public void AddBadImage(string reason)
    {
        Interlocked.Increment(ref _badImages);
        Interlocked.CompareExchange(ref _firstBadImage, reason, null);
    }
}
