using Microsoft.ML;
using MlNet.ImageClassification;

namespace MlNet.Distributed;

/// <summary>Adds the parts of a data view to <c>mlContext.Data</c>.</summary>
public static class DistributedCatalog
{
    /// <summary>
    /// The rows that are this rank's to score: a stretch of all rows, as many as the other ranks have, or one more. The ranks' stretches in
    /// their order are all rows.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="rows">All rows, the same in every rank.</param>
    /// <param name="group">The ranks.</param>
    public static IDataView TakeShard(this DataOperationsCatalog catalog, IDataView rows, IProcessGroup group)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(group);
        long count = rows.GetRowCount() ?? Count(rows);
        long first = count * group.Rank / group.Size;
        long taken = (count * (group.Rank + 1) / group.Size) - first;
        // Neither skips nor takes nothing.
        if (taken == 0)
            return count == 0 ? rows : catalog.SkipRows(rows, count);
        return catalog.TakeRows(first == 0 ? rows : catalog.SkipRows(rows, first), taken);
    }

    private static long Count(IDataView rows)
    {
        using var cursor = rows.GetRowCursor([]);
        long count = 0;
        while (cursor.MoveNext())
            count++;
        return count;
    }
}
