using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Some consecutive rows of a view, always in its own order.</summary>
internal sealed class SkipTakeView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly long _skip;
    private readonly long _take;

    public SkipTakeView(IHostEnvironment env, IDataView source, long skip = 0, long take = long.MaxValue)
    {
        _host = env.Register("SkipTakeFilter");
        _source = source;
        _skip = skip;
        _take = take;
    }

    public DataViewSchema Schema => _source.Schema;

    public bool CanShuffle => false;

    public long? GetRowCount() =>
        _source.GetRowCount() is { } count ? Math.Min(Math.Max(0, count - _skip), _take) : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var columns = columnsNeeded.ToArray();
        var toSkip = _skip;
        var toTake = _take;
        return new FilterCursor(_host, _source.GetRowCursor(columns), columns, MoveNext);

        bool MoveNext(DataViewRowCursor input)
        {
            if (toTake-- <= 0)
                return false;
            for (; toSkip > 0; toSkip--)
            {
                if (!input.MoveNext())
                    return false;
            }
            return input.MoveNext();
        }
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
