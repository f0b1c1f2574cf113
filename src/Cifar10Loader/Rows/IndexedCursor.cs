using Microsoft.ML;
using Microsoft.ML.Data;

namespace Cifar10Loader;

/// <summary>
/// One of the cursors over an <see cref="IndexedDataView"/>. Of <paramref name="cursors"/> cursors, number
/// <paramref name="first"/> reads the blocks first, first + cursors, first + 2 cursors and so on; the batch number is
/// the block's, so that sorting by batch restores the order of a single cursor.
/// </summary>
internal sealed class IndexedCursor(
    DataViewSchema schema,
    int rowCount,
    IReadOnlyList<Func<CurrentRow, Delegate>> getters,
    bool[] active,
    int[]? order,
    int first,
    int cursors) : DataViewRowCursor
{
    private readonly CurrentRow _row = new();
    private long _place = -1;
    private long _position = -1;
    private bool _finished;

    public override DataViewSchema Schema => schema;

    public override long Position => _position;

    public override long Batch => _row.Index < 0 || cursors == 1 ? 0 : _place / IndexedDataView.BlockRows;

    public override bool MoveNext()
    {
        if (_finished)
            return false;

        if (_place < 0)
            _place = (long)first * IndexedDataView.BlockRows;
        else if (++_place % IndexedDataView.BlockRows == 0)
            _place += (long)(cursors - 1) * IndexedDataView.BlockRows;

        if (_place >= rowCount)
        {
            Finish();
            return false;
        }

        _row.Index = order is null ? (int)_place : order[_place];
        _position++;
        return true;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) =>
        column.Index < active.Length && active[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw new InvalidOperationException(
                $"Column '{column.Name}' is not active in this cursor: name it among the columns needed.");
        }

        return getters[column.Index](_row) as ValueGetter<TValue>
            ?? throw new InvalidOperationException(
                $"Column '{column.Name}' has values of type '{schema[column.Index].Type.RawType}', not '{typeof(TValue)}'.");
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() =>
        (ref DataViewRowId id) => id = new DataViewRowId((ulong)_row.Required, 0);

    protected override void Dispose(bool disposing)
    {
        Finish();
        base.Dispose(disposing);
    }

    private void Finish()
    {
        _finished = true;
        _row.Index = -1;
        _position = -1;
    }
}
