using Microsoft.ML;

namespace MlNet.ImageClassification;

/// <summary>A data view with what a network gives for its images, computed for many rows at a time as it is read.</summary>
internal sealed class BatchScoringView(IDataView source, NetworkMapper mapper) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var needed = columnsNeeded.ToArray();
        var dependencies = mapper.GetDependencies(needed);

        // A single cursor of ML.NET may have workers behind it, and an image that fails one of them ends it. The cursor of a set
        // of one reads each row when it is asked to, so that a bad one can be skipped.
        var input = mapper.SkipsBadImages ? source.GetRowCursorSet(dependencies, 1, rand).Single() : source.GetRowCursor(dependencies, rand);
        return Wrap(input, needed);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var needed = columnsNeeded.ToArray();
        return Array.ConvertAll(
            source.GetRowCursorSet(mapper.GetDependencies(needed), n, rand), cursor => Wrap(cursor, needed));
    }

    // Who asks for none of it does not pay for the network.
    private DataViewRowCursor Wrap(DataViewRowCursor input, DataViewSchema.Column[] needed) =>
        needed.Any(column => mapper.IsAdded(column.Index))
            ? new BatchScoringCursor(mapper, input, needed, FirstBadImage)
            : new ColumnAddingCursor(mapper, input, needed);

    /// <summary>
    /// Reads the images one by one until one fails: what fails among ML.NET's workers names neither row nor file.
    /// </summary>
    private InvalidOperationException? FirstBadImage()
    {
        var added = mapper.OutputSchema.Where(column => mapper.IsAdded(column.Index));
        using var cursor = source.GetRowCursorSet(mapper.GetDependencies(added), 1).Single();
        var image = mapper.ImageOf(cursor);
        var values = new byte[mapper.Layout.Bytes];
        try
        {
            while (cursor.MoveNext())
                mapper.Read(image, values, cursor.Position);
            return null;
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }
}
