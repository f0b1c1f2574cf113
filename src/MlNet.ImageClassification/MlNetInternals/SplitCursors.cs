using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>Deals the rows of one cursor out to several and joins those of several, as ML.NET's own transforms do.</summary>
internal static class SplitCursors
{
    /// <summary>Cursors that share the rows; the batch of a row tells its place in the order of all.</summary>
    public static DataViewRowCursor[] Of(DataViewRowCursor cursor, int count, IHostEnvironment environment) =>
        DataViewUtils.CreateSplitCursors(environment, cursor, count);

    /// <summary>A cursor behind which a view's set of cursors reads, each on a thread of its own.</summary>
    /// <returns>Null where the view has one cursor only, or columns whose values cannot be read ahead.</returns>
    public static DataViewRowCursor? JoinedOf(
        IDataView view, IReadOnlyCollection<DataViewSchema.Column> columns, IHostEnvironment? environment, Random? rand) =>
        columns.All(column => column.Type is PrimitiveDataViewType or VectorDataViewType)
        && DataViewUtils.TryCreateConsolidatingCursor(
            out var cursor, view, columns, (environment ?? new MLContext()).Register(nameof(SplitCursors)), rand)
            ? cursor
            : null;
}
