using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>The rows of a source with columns added by a mapper. <c>ConvertToOnnx</c> finds its way through such views.</summary>
/// <param name="source">The rows.</param>
/// <param name="mapper">Adds the columns.</param>
internal abstract partial class MappedView(IDataView source, ColumnAddingMapper mapper) : IDataView
{
    protected IDataView Input { get; } = source;

    protected ColumnAddingMapper Mapper { get; } = mapper;

    public bool CanShuffle => Input.CanShuffle;

    public DataViewSchema Schema => Mapper.OutputSchema;

    public long? GetRowCount() => Input.GetRowCount();

    public abstract DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null);

    public abstract DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null);
}
