using Microsoft.ML;

namespace MlNet.ImageClassification;

/// <summary>A data view with what a network gives for its images, computed for many rows at a time as it is read.</summary>
internal sealed class BatchScoringView(IDataView source, NetworkMapper mapper) : MappedView(source, mapper)
{
    private readonly NetworkMapper _mapper = mapper;

    public override DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var needed = columnsNeeded.ToArray();
        var dependencies = _mapper.GetDependencies(needed);

        // A single cursor of ML.NET may have workers behind it, and an image that fails one of them ends it. The cursor of a set
        // of one reads each row when it is asked to, so that a bad one can be skipped.
        var input = _mapper.SkipsBadImages ? Input.GetRowCursorSet(dependencies, 1, rand).Single() : Input.GetRowCursor(dependencies, rand);
        return Wrap(input, needed);
    }

    public override DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var needed = columnsNeeded.ToArray();
        return Array.ConvertAll(
            Input.GetRowCursorSet(_mapper.GetDependencies(needed), n, rand), cursor => Wrap(cursor, needed));
    }

    // Who asks for none of it does not pay for the network.
    private DataViewRowCursor Wrap(DataViewRowCursor input, DataViewSchema.Column[] needed) =>
        needed.Any(column => _mapper.IsAdded(column.Index))
            ? new BatchScoringCursor(_mapper, input, needed, FirstBadImage)
            : new ColumnAddingCursor(_mapper, input, needed);

    /// <summary>
    /// Reads the images one by one until one fails: what fails among ML.NET's workers names neither row nor file.
    /// </summary>
    private InvalidOperationException? FirstBadImage()
    {
        var added = _mapper.OutputSchema.Where(column => _mapper.IsAdded(column.Index));
        using var cursor = Input.GetRowCursorSet(_mapper.GetDependencies(added), 1).Single();
        var image = _mapper.ImageOf(cursor);
        var values = new byte[_mapper.Layout.Bytes];
        try
        {
            while (cursor.MoveNext())
                _mapper.Read(image, values, cursor.Position);
            return null;
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }
}
