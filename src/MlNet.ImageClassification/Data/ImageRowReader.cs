using System.IO.Hashing;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace MlNet.ImageClassification;

/// <summary>One labeled image of a data view.</summary>
/// <param name="Pixels">The image as a <see cref="PixelCodec"/> packed it.</param>
/// <param name="Label">The class, from 0.</param>
/// <param name="Id">The row's id, the same in every pass over the data.</param>
/// <param name="Row">The row's number in the data, from 0.</param>
/// <param name="Hash">Tells the values of one image from those of another.</param>
/// <param name="Weight">How much it counts in training.</param>
internal readonly record struct LabeledImage(byte[] Pixels, int Label, DataViewRowId Id, long Row, ulong Hash, float Weight = 1);

/// <summary>Chooses the rows of a pass by their ids.</summary>
/// <param name="id">The row's id.</param>
/// <returns>The row's number in the data; null to pass it over, which leaves its image undecoded.</returns>
internal delegate long? RowChoice(DataViewRowId id);

/// <summary>
/// Reads the labeled images of a data view: several cursors decode ahead, each on its own thread, and the rows come out
/// in the order of the data.
/// </summary>
internal sealed class ImageRowReader
{
    private readonly IDataView _data;
    private readonly DataViewSchema.Column _features;
    private readonly DataViewSchema.Column? _path;
    private readonly DataViewSchema.Column? _weight;
    private readonly DataViewSchema.Column[] _columns;
    private readonly BadImagePolicy _badImages;
    private readonly string _where;

    // Set when a transform that decodes on threads of its own failed as a whole: one cursor fails row by row.
    private volatile bool _oneCursor;

    /// <param name="data">The rows.</param>
    /// <param name="featureColumn">The column of the images.</param>
    /// <param name="labelColumn">The column of the labels.</param>
    /// <param name="badImages">What happens to an image that cannot be used.</param>
    /// <param name="where">Which data these are, behind "row 5" in messages.</param>
    /// <param name="weightColumn">The column of the rows' weights; null for none.</param>
    public ImageRowReader(
        IDataView data, string featureColumn, string labelColumn, BadImagePolicy badImages, string where = "", string? weightColumn = null)
    {
        (_data, _badImages, _where) = (data, badImages, where);
        _features = data.Schema.Required(featureColumn, "features");
        Layout = ImageLayout.Infer(featureColumn, _features.Type);
        (Label, ClassCount) = LabelColumn.Find(data.Schema, labelColumn);
        Codec = new PixelCodec(Layout);
        _path = ImagePathColumn.Find(data.Schema);
        _weight = weightColumn is null ? null : WeightColumn.Find(data.Schema, weightColumn);
        _columns = [_features, Label, .. new[] { _path, _weight }.OfType<DataViewSchema.Column>()];
    }

    public ImageLayout Layout { get; }

    public DataViewSchema.Column Label { get; }

    public int ClassCount { get; }

    public PixelCodec Codec { get; }

    /// <summary>Whether rows have weights of their own.</summary>
    public bool HasWeights => _weight is not null;

    /// <summary>One pass over the data.</summary>
    /// <param name="leftOut">Counts what the pass leaves out.</param>
    /// <param name="cancellation">Ends the pass with an <see cref="OperationCanceledException"/>.</param>
    /// <param name="choice">The rows to read; null for all.</param>
    public IEnumerable<LabeledImage> Read(LeftOutRows leftOut, CancellationToken cancellation, RowChoice? choice = null)
    {
        long index = 0;
        foreach (var row in ReadRows(choice, cancellation))
        {
            var image = choice is null ? row.Image with { Row = index++ } : row.Image;
            if (IsUsable(row, image.Row, leftOut))
                yield return image;
        }
    }

    private IEnumerable<CursorRow> ReadRows(RowChoice? choice, CancellationToken cancellation)
    {
        long read = 0;
        if (!_oneCursor)
        {
            using var lanes = new CursorLanes(
                _data.GetRowCursorSet(_columns, Environment.ProcessorCount), (cursor, stop) => Read(cursor, choice, stop), cancellation);
            for (; lanes.TryRead(out var row); read++)
                yield return row;
            cancellation.ThrowIfCancellationRequested();
            if (lanes.Failure is null)
                yield break;
            _oneCursor = true;
        }
        // ML.NET reads ahead on threads of its own behind a single cursor too, but not where an image column is asked for.
        var anImage = _data.Schema.Where(column => column.Type is ImageDataViewType).Take(1);
        using var single = _data.GetRowCursor(_columns.UnionBy(anImage, column => column.Index));
        foreach (var row in Read(single, choice, cancellation, skip: read))
            yield return row;
    }

    private IEnumerable<CursorRow> Read(DataViewRowCursor cursor, RowChoice? choice, CancellationToken stop, long skip = 0)
    {
        var image = new RowImage(cursor, _features, Layout, _path);
        var label = LabelColumn.Reader(cursor, Label);
        var weight = _weight is { } column ? cursor.GetGetter<float>(column) : null;
        float weightOfRow = 1;
        var id = cursor.GetIdGetter();
        var pixels = new byte[Layout.Bytes];
        DataViewRowId rowId = default;
        while (MoveNext(cursor))
        {
            stop.ThrowIfCancellationRequested();
            id(ref rowId);
            long? number = choice is null ? 0 : choice(rowId);
            if (number is not { } row || skip-- > 0)
                continue;
            int value = label();
            weight?.Invoke(ref weightOfRow);
            var none = new LabeledImage([], value, rowId, row, 0, weightOfRow);
            if (value == LabelColumn.Missing)
            {
                yield return new CursorRow(none, cursor.Batch, null, null);
                continue;
            }
            var failure = image.TryRead(pixels);
            yield return failure is null
                ? new CursorRow(none with { Pixels = Codec.Pack(pixels), Hash = XxHash3.HashToUInt64(pixels) }, cursor.Batch, null, null)
                : new CursorRow(none, cursor.Batch, failure, image.Path());
        }
    }

    private bool MoveNext(DataViewRowCursor cursor)
    {
        try
        {
            return cursor.MoveNext();
        }
        catch (Exception e) when (e is not OperationCanceledException and not OutOfMemoryException)
        {
            throw new InvalidOperationException(
                $"The rows{_where} cannot be read: {RowImage.Cause(e)}. Where an image is the cause, a transform that reads images ahead of " +
                "the trainer (AppendCacheCheckpoint, ShuffleRows, a filter) has met it first, so it can be neither named nor left " +
                "out: put that transform before those that load the images, or repair the image.", e);
        }
    }

    private bool IsUsable(CursorRow read, long row, LeftOutRows leftOut)
    {
        if (read.Image.Label == LabelColumn.Missing)
        {
            leftOut.WithoutLabel++;
            return false;
        }
        if (_weight is { } weight)
            WeightColumn.Require(read.Image.Weight, weight.Name, $"row {row}{_where}");
        if (read.Failure is not { } failure)
            return true;

        string where = $"row {row}{_where}" + (string.IsNullOrEmpty(read.Path) ? "" : $" ('{read.Path}')");
        if (_badImages == BadImagePolicy.Fail)
            throw new InvalidOperationException(
                $"The image in column '{_features.Name}' of {where} cannot be used: {RowImage.Cause(failure)}. Repair or remove it, or set " +
                $"{nameof(ImageClassificationOptions.BadImages)} to {nameof(BadImagePolicy.Skip)}.", failure);
        leftOut.AddBadImage($"{where}: {RowImage.Cause(failure)}");
        return false;
    }
}

/// <summary>Counts the rows that a pass over the data leaves out.</summary>
internal sealed class LeftOutRows
{
    private const int ExamplesKept = 3;

    private readonly List<string> _examples = [];

    public long WithoutLabel { get; set; }

    public long BadImages { get; private set; }

    /// <summary>The numbers that are not 0.</summary>
    public override string ToString() => string.Join(" and ",
    [
        .. WithoutLabel > 0 ? [$"{Quantity.Of(WithoutLabel, "row")} without a label"] : Array.Empty<string>(),
        .. BadImages > 0 ? [$"{Quantity.Of(BadImages, "row")} with a bad image"] : Array.Empty<string>(),
    ]);

    /// <summary>The first bad images and how many there are besides.</summary>
    public string DescribeBadImages() =>
        string.Join("; ", _examples) + (BadImages > _examples.Count ? $"; and {BadImages - _examples.Count} more" : "");

    public void AddBadImage(string description)
    {
        BadImages++;
        if (_examples.Count < ExamplesKept)
            _examples.Add(description);
    }
}
