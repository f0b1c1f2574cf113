using Microsoft.ML;

namespace MlNet.ImageClassification;

/// <summary>A data view with columns added, row by row, as it is read.</summary>
internal sealed class ColumnAddingView(IDataView source, ColumnAddingMapper mapper) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var needed = columnsNeeded.ToArray();
        return new ColumnAddingCursor(mapper, source.GetRowCursor(mapper.GetDependencies(needed), rand), needed);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var needed = columnsNeeded.ToArray();
        return Array.ConvertAll(
            source.GetRowCursorSet(mapper.GetDependencies(needed), n, rand),
            DataViewRowCursor (cursor) => new ColumnAddingCursor(mapper, cursor, needed));
    }
}
