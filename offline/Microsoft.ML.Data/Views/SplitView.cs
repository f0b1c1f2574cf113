using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The rows of one part of a split.</summary>
/// <param name="sampler">Gives the number that says which part a row goes to.</param>
/// <param name="isInPart">Whether a row with such a number is in this part; never asked about NaN.</param>
internal sealed class SplitView(IHostEnvironment env, IDataView source, RowSampler sampler, Func<double, bool> isInPart) : IDataView
{
    private readonly IHost _host = env.Register("RangeFilter");

    public DataViewSchema Schema => source.Schema;

    // Random numbers are dealt to the rows in their original order.
    public bool CanShuffle => sampler.KeyColumn != null && source.CanShuffle;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var columns = columnsNeeded.ToArray();
        return Filter(source.GetRowCursor(WithKey(columns), CanShuffle ? rand : null), columns);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        var columns = columnsNeeded.ToArray();
        if (sampler.KeyColumn == null)
            return [GetRowCursor(columns, rand)];
        return source.GetRowCursorSet(WithKey(columns), n, CanShuffle ? rand : null)
            .Select(input => Filter(input, columns)).ToArray();
    }

    private IEnumerable<DataViewSchema.Column> WithKey(DataViewSchema.Column[] columns) =>
        sampler.KeyColumn is { } key && columns.All(column => column.Index != key.Index) ? columns.Append(key) : columns;

    private DataViewRowCursor Filter(DataViewRowCursor input, DataViewSchema.Column[] columns)
    {
        var sample = sampler.Open(input);
        return new FilterCursor(_host, input, columns, MoveNext);

        bool MoveNext(DataViewRowCursor cursor)
        {
            while (cursor.MoveNext())
            {
                var value = sample();
                if (!double.IsNaN(value) && isInPart(value))
                    return true;
            }
            return false;
        }
    }
}
