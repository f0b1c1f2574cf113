using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>Maps a row to the same row with columns added that are computed from one of its columns.</summary>
/// <param name="inputSchema">The schema of the rows that come in.</param>
/// <param name="outputSchema">That schema with the added columns behind.</param>
/// <param name="source">The column that the added ones are computed from.</param>
internal abstract class ColumnAddingMapper(
    DataViewSchema inputSchema, DataViewSchema outputSchema, DataViewSchema.Column source) : IRowToRowMapper
{
    public DataViewSchema InputSchema { get; } = inputSchema;

    public DataViewSchema OutputSchema { get; } = outputSchema;

    public DataViewSchema.Column Source { get; } = source;

    /// <summary>The columns of the input that are needed to give the asked ones.</summary>
    public virtual IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        var needed = dependingColumns.Select(column => column.Index).ToHashSet();
        bool anyAdded = needed.Any(IsAdded);
        return InputSchema.Where(column => needed.Contains(column.Index) || (anyAdded && column.Index == Source.Index));
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        if (input.Schema != InputSchema)
            throw new ArgumentException("The row has another schema than the mapper was made for.", nameof(input));
        return new ColumnAddingRow(this, input, activeColumns);
    }

    /// <summary>Whether a column of the output is one of those added.</summary>
    public bool IsAdded(int column) => column >= InputSchema.Count;

    /// <summary>Reads the image of a row of the source column.</summary>
    /// <param name="reader">The reader of the column.</param>
    /// <param name="pixels">Room for its values.</param>
    /// <param name="row">The row, for the message.</param>
    /// <param name="purpose">What the image is for, as the end of "cannot be ...".</param>
    protected void Read(PixelReader reader, Span<float> pixels, long row, string purpose)
    {
        try
        {
            reader.Read(pixels);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidOperationException(
                $"The image in column '{Source.Name}' of row {row} cannot be {purpose}: {e.Message}.", e);
        }
    }

    /// <summary>Makes the getters (<see cref="ValueGetter{TValue}"/>) of the added columns, in their order.</summary>
    public abstract Delegate[] CreateGetters(DataViewRow input);
}

/// <summary>A row, or the current row of a cursor, with columns added.</summary>
internal sealed class ColumnAddingRow : DataViewRow
{
    private readonly ColumnAddingMapper _mapper;
    private readonly DataViewRow _input;
    private readonly HashSet<int> _active;
    private readonly Delegate[] _getters;

    public ColumnAddingRow(ColumnAddingMapper mapper, DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        (_mapper, _input) = (mapper, input);
        _active = activeColumns.Select(column => column.Index).ToHashSet();
        _getters = _active.Any(mapper.IsAdded) ? mapper.CreateGetters(input) : [];
    }

    public override DataViewSchema Schema => _mapper.OutputSchema;

    public override long Position => _input.Position;

    public override long Batch => _input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => _mapper.IsAdded(column.Index)
        ? _active.Contains(column.Index)
        : _input.IsColumnActive(_mapper.InputSchema[column.Index]);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!_mapper.IsAdded(column.Index))
            return _input.GetGetter<TValue>(_mapper.InputSchema[column.Index]);
        ColumnGetter.Check<TValue>(column, _active.Contains(column.Index));
        return (ValueGetter<TValue>)_getters[column.Index - _mapper.InputSchema.Count];
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _input.Dispose();
    }
}

/// <summary>A cursor with columns added.</summary>
internal sealed class ColumnAddingCursor(
    ColumnAddingMapper mapper, DataViewRowCursor input, IEnumerable<DataViewSchema.Column> activeColumns) : DataViewRowCursor
{
    private readonly ColumnAddingRow _row = new(mapper, input, activeColumns);

    public override DataViewSchema Schema => _row.Schema;

    public override long Position => _row.Position;

    public override long Batch => _row.Batch;

    public override bool MoveNext() => input.MoveNext();

    public override ValueGetter<DataViewRowId> GetIdGetter() => _row.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => _row.IsColumnActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _row.GetGetter<TValue>(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _row.Dispose();
    }
}

/// <summary>Checks how a getter is asked for, as ML.NET's own cursors do.</summary>
internal static class ColumnGetter
{
    public static void Check<TValue>(DataViewSchema.Column column, bool isActive)
    {
        if (!isActive)
            throw new InvalidOperationException($"Column '{column.Name}' is not active; name it when the cursor is asked for.");
        if (typeof(TValue) != column.Type.RawType)
            throw new InvalidOperationException(
                $"Column '{column.Name}' is of type {column.Type.RawType}, not {typeof(TValue)}.");
    }
}
