using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>Deals the rows of one cursor out to several, as ML.NET's own transforms do where their source has one cursor only.</summary>
internal static class SplitCursors
{
    /// <summary>Cursors that share the rows; the batch of a row tells its place in the order of all.</summary>
    public static DataViewRowCursor[] Of(DataViewRowCursor cursor, int count, IHostEnvironment environment) =>
        DataViewUtils.CreateSplitCursors(environment, cursor, count);
}
