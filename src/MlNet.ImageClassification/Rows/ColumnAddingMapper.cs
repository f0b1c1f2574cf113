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

    /// <summary>Whether <see cref="WriteOnnx"/> describes the mapper.</summary>
    public virtual bool CanWriteOnnx => false;

    /// <summary>Describes the added columns as operators of ONNX.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">The source column, of its own type, as [N, ...] or [N, values].</param>
    /// <param name="outputs">The names to give to the added columns, in their order.</param>
    public virtual void WriteOnnx(OnnxGraph graph, string input, IReadOnlyList<string> outputs) =>
        throw new NotSupportedException($"{GetType().Name} cannot be written as ONNX.");

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
    /// <param name="input">The row, or the cursor, that they read; they are called only where it stands at a row.</param>
    /// <param name="disposer">Called once when the row is disposed; null for nothing to do.</param>
    public abstract Delegate[] CreateGetters(DataViewRow input, out Action? disposer);
}

/// <summary>A row, or the current row of a cursor, with columns added.</summary>
internal sealed class ColumnAddingRow : DataViewRow
{
    private readonly ColumnAddingMapper _mapper;
    private readonly DataViewRow _input;
    private readonly HashSet<int> _active;
    private readonly Delegate[] _getters = [];
    private Action? _disposer;

    public ColumnAddingRow(ColumnAddingMapper mapper, DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        (_mapper, _input) = (mapper, input);
        _active = activeColumns.Select(column => column.Index).ToHashSet();
        if (_active.Any(mapper.IsAdded))
            _getters = mapper.CreateGetters(input, out _disposer);
    }

    public override DataViewSchema Schema => _mapper.OutputSchema;

    public override long Position => _input.Position;

    public override long Batch => _input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column)
    {
        ColumnGetter.CheckColumn(Schema, column);

        // Not what the added columns need besides: ML.NET reads every active column of a cursor ahead, and so would decode an image twice.
        return _active.Contains(column.Index);
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        ColumnGetter.CheckColumn(Schema, column);
        if (!_mapper.IsAdded(column.Index))
            return _input.GetGetter<TValue>(_mapper.InputSchema[column.Index]);
        ColumnGetter.Check<TValue>(column, _active.Contains(column.Index));
        var getter = (ValueGetter<TValue>)_getters[column.Index - _mapper.InputSchema.Count];
        return (ref TValue value) =>
        {
            ColumnGetter.CheckPosition(_input.Position);
            getter(ref value);
        };
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _disposer?.Invoke();
        _disposer = null;
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

/// <summary>Checks how a cursor or row is asked, as ML.NET's own do.</summary>
internal static class ColumnGetter
{
    /// <exception cref="ArgumentOutOfRangeException">The column is not one of the schema.</exception>
    public static void CheckColumn(DataViewSchema schema, DataViewSchema.Column column)
    {
        if (column.Index >= schema.Count || schema[column.Index].Name != column.Name || !schema[column.Index].Type.Equals(column.Type))
            throw new ArgumentOutOfRangeException(
                nameof(column), $"Column '{column.Name}' with the index {column.Index} is of another schema; take columns from the " +
                $"schema of the view or row that is read.");
    }

    /// <exception cref="InvalidOperationException">The column is not active, or holds values of another type.</exception>
    public static void Check<TValue>(DataViewSchema.Column column, bool isActive)
    {
        if (!isActive)
            throw new InvalidOperationException($"Column '{column.Name}' is not active; name it when the cursor is asked for.");
        if (typeof(TValue) != column.Type.RawType)
            throw new InvalidOperationException(
                $"Column '{column.Name}' is of type {column.Type.RawType}, not {typeof(TValue)}.");
    }

    /// <exception cref="InvalidOperationException">The cursor stands before the first row or behind the last.</exception>
    public static void CheckPosition(long position)
    {
        if (position < 0)
            throw new InvalidOperationException("The cursor stands at no row: MoveNext was not called yet, or it returned false.");
    }
}
