using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Passes on those rows of its input that a function moves to.</summary>
internal sealed class FilterCursor : LinkedRootCursorBase
{
    private readonly bool[] _active;
    private readonly Func<DataViewRowCursor, bool> _moveNext;

    public FilterCursor(IChannelProvider provider, DataViewRowCursor input,
        IEnumerable<DataViewSchema.Column> columnsNeeded, Func<DataViewRowCursor, bool> moveNext)
        : base(provider, input)
    {
        _moveNext = moveNext;
        _active = RowCursorUtils.GetActive(input.Schema, columnsNeeded);
    }

    public override DataViewSchema Schema => Input.Schema;

    public override long Batch => Input.Batch;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        Ch.CheckParam(IsColumnActive(column), nameof(column), "requested column not active");
        return Input.GetGetter<TValue>(column);
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => Input.GetIdGetter();

    protected override bool MoveNextCore() => _moveNext(Input);
}
