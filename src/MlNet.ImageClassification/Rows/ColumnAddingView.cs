using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>A data view with columns added, row by row, as it is read.</summary>
/// <param name="source">The rows.</param>
/// <param name="mapper">Adds the columns.</param>
/// <param name="splitter">Given where the columns are costly: the rows of a source that has one cursor only are then dealt out
/// to as many as are asked for.</param>
internal sealed class ColumnAddingView(IDataView source, ColumnAddingMapper mapper, IHostEnvironment? splitter = null)
    : MappedView(source, mapper)
{
    public override DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var needed = columnsNeeded.ToArray();
        return new ColumnAddingCursor(Mapper, Input.GetRowCursor(Mapper.GetDependencies(needed), rand), needed);
    }

    public override DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var needed = columnsNeeded.ToArray();
        var cursors = Input.GetRowCursorSet(Mapper.GetDependencies(needed), n, rand);
        if (splitter is not null && cursors.Length == 1 && n > 1)
            cursors = SplitCursors.Of(cursors[0], n, splitter);
        return Array.ConvertAll(cursors, DataViewRowCursor (cursor) => new ColumnAddingCursor(Mapper, cursor, needed));
    }
}
