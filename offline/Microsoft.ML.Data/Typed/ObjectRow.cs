using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The columns of a class, bound to a schema.</summary>
internal sealed class ObjectColumns<TRow>
{
    private readonly MemberColumn<TRow>[] _columns;

    public ObjectColumns(SchemaDefinition definition)
    {
        _columns = MemberColumn<TRow>.CreateAll(
            definition ?? SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Read));
        var schema = new DataViewSchema.Builder();
        foreach (var column in _columns)
            schema.AddColumn(
                column.Definition.ColumnName, column.Definition.ColumnType, column.Definition.Annotations);
        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public Delegate[] NewGetters(Func<TRow> current, bool[] active) =>
        [.. _columns.Select((column, i) => active[i] ? column.NewGetter(current) : null)];
}

/// <summary>A row over one object after the other, as given.</summary>
internal sealed class ObjectRow<TRow> : DataViewRow
    where TRow : class
{
    private readonly IHost _host;
    private readonly Delegate[] _getters;
    private TRow _current;
    private long _position = -1;

    public ObjectRow(IHostEnvironment env, SchemaDefinition definition)
    {
        _host = env.Register("Row");
        var columns = new ObjectColumns<TRow>(definition);
        Schema = columns.Schema;
        bool[] all = [.. Schema.Select(_ => true)];
        _getters = columns.NewGetters(Current, all);
    }

    public override DataViewSchema Schema { get; }

    public override long Position => _position;

    public override long Batch => 0;

    public void Set(TRow row)
    {
        _host.CheckValue(row, nameof(row));
        _current = row;
        _position++;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => column.Index < _getters.Length;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        RowCursorUtils.Cast<TValue>(_getters[column.Index]);

    public override ValueGetter<DataViewRowId> GetIdGetter() =>
        (ref DataViewRowId value) => value = new DataViewRowId((ulong)_position, 0);

    private TRow Current()
    {
        _host.Check(_position >= 0, RowCursorUtils.FetchValueStateError);
        return _current;
    }
}
