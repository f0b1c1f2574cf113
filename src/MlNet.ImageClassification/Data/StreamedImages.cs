using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>
/// Images that do not fit in memory: decoded again in each pass, once each, in the very order that images in memory would have.
/// </summary>
/// <remarks>
/// A shuffled pass draws its order first and then fills one shuffle buffer after the other: each holds the next stretch of
/// that order and is filled by a walk over all rows that decodes only those of the stretch. So every order is as likely as
/// any other, even where the data is sorted by class, and the price is as many walks over the rows as there are buffers. A walk
/// costs little where rows are decoded when asked for, as LoadImages does; where they are not (TextLoader parses every line),
/// a greater <see cref="ImageClassificationOptions.PixelMemoryMegabytes"/> means fewer walks.
/// </remarks>
internal sealed class StreamedImages : ImageSet
{
    // One is being emptied, one waits, one is being filled.
    private const int BuffersHeld = 3;

    private readonly ImageRowReader _reader;
    private readonly TrainingLog _log;
    private readonly Dictionary<DataViewRowId, (int Index, long Row)> _rows;
    private readonly int _bufferSize;

    /// <param name="reader">The rows.</param>
    /// <param name="rows">Those of this set, in the order of the data; their pixels are not used.</param>
    /// <param name="heldImages">How many images may be in memory at a time.</param>
    /// <param name="log">Told about images that a later pass cannot read any more.</param>
    /// <exception cref="InvalidOperationException">Two rows have the same id.</exception>
    public StreamedImages(ImageRowReader reader, IReadOnlyList<LabeledImage> rows, long heldImages, TrainingLog log)
        : base(reader.Layout, reader.Codec)
    {
        (_reader, _log, _rows) = (reader, log, new(rows.Count));
        _bufferSize = (int)Math.Clamp(heldImages / BuffersHeld, 1, rows.Count);
        for (int i = 0; i < rows.Count; i++)
            if (!_rows.TryAdd(rows[i].Id, (i, rows[i].Row)))
                throw new InvalidOperationException(
                    $"Row {rows[i].Row} has the id of row {_rows[rows[i].Id].Row}, so images that do not fit in memory cannot be found " +
                    $"again. Raise {nameof(ImageClassificationOptions.PixelMemoryMegabytes)}, or remove the transform that repeats rows.");
    }

    public override int Count => _rows.Count;

    public override IEnumerable<LabeledImage> Read(int? shuffleSeed, CancellationToken cancellation, Func<int, bool>? takes = null) => shuffleSeed is null
        ? Read(takes ?? (_ => true), cancellation)
        : Shuffled(Order(shuffleSeed, takes), cancellation);

    private IEnumerable<LabeledImage> Shuffled(int[] order, CancellationToken cancellation)
    {
        using var buffers = new Prefetcher<LabeledImage[]>("Shuffle buffer", ahead: 1, stop => ShuffleBuffers(order, stop), cancellation);
        while (buffers.TryRead(out var buffer))
            foreach (var image in buffer)
                // The place of an image that was left out is empty.
                if (image.Pixels is not null)
                    yield return image;
    }

    private IEnumerable<LabeledImage[]> ShuffleBuffers(int[] order, CancellationToken cancellation)
    {
        var placeOf = new int[Count];
        Array.Fill(placeOf, -1);
        for (int place = 0; place < order.Length; place++)
            placeOf[order[place]] = place;
        for (int start = 0; start < order.Length; start += _bufferSize)
        {
            int first = start;
            var buffer = new LabeledImage[Math.Min(_bufferSize, order.Length - start)];
            foreach (var image in Read(index => placeOf[index] >= first && placeOf[index] < first + buffer.Length, cancellation))
                buffer[placeOf[_rows[image.Id].Index] - start] = image;
            yield return buffer;
        }
    }

    private IEnumerable<LabeledImage> Read(Func<int, bool> contains, CancellationToken cancellation)
    {
        var leftOut = new LeftOutRows();
        foreach (var image in _reader.Read(leftOut, cancellation, Choose))
            yield return image;
        if (leftOut.BadImages > 0)
            _log.Warning($"Left out {Quantity.Of(leftOut.BadImages, "row")} whose image could be read before: {leftOut.DescribeBadImages()}.");

        long? Choose(DataViewRowId id) => _rows.TryGetValue(id, out var row) && contains(row.Index) ? row.Row : null;
    }
}
