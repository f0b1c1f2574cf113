using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>What a row-to-row transform adds to a row, once bound to an input schema.</summary>
internal interface IRowMapper
{
    DataViewSchema.DetachedColumn[] GetOutputColumns();

    /// <summary>Which input columns the active ones of the added columns need.</summary>
    Func<int, bool> GetDependencies(Func<int, bool> activeOutput);

    Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer);
}

/// <summary>A data view whose rows are those of its source, with the columns a mapper adds.</summary>
internal sealed class RowToRowMapperTransform : TransformBase, IRowToRowMapper
{
    private readonly IRowMapper _mapper;
    private readonly ColumnBindings _bindings;

    public RowToRowMapperTransform(IHostEnvironment env, IDataView input, IRowMapper mapper)
        : base(env, "RowToRowMapperTransform", input)
    {
        _mapper = mapper;
        _bindings = new ColumnBindings(input.Schema, mapper.GetOutputColumns());
    }

    public override DataViewSchema OutputSchema => _bindings.Schema;

    public DataViewSchema InputSchema => Source.Schema;

    public override long? GetRowCount() => Source.GetRowCount();

    public override DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        bool[] active = RowCursorUtils.GetActive(OutputSchema, columnsNeeded);
        var inputs = Source.GetRowCursorSet(GetInputColumns(active), n, rand);
        if (inputs.Length == 1 && n > 1 && AddsAnyOf(active))
            inputs = ParallelCursors.Split(Host, inputs[0], n);
        return Array.ConvertAll(inputs, input => new Cursor(Host, input, this, active));
    }

    IEnumerable<DataViewSchema.Column> IRowToRowMapper.GetDependencies(
        IEnumerable<DataViewSchema.Column> dependingColumns) =>
        GetInputColumns(RowCursorUtils.GetActive(OutputSchema, dependingColumns));

    DataViewRow IRowToRowMapper.GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Host.CheckValue(input, nameof(input));
        Host.CheckValue(activeColumns, nameof(activeColumns));
        Host.Check(
            input.Schema == Source.Schema,
            "Schema of input row must be the same as the schema the mapper is bound to");
        using var channel = Host.Start("GetEntireRow");
        bool[] active = RowCursorUtils.GetActive(OutputSchema, activeColumns);
        return new Row(input, this, active);
    }

    protected override bool? ShouldUseParallelCursors(bool[] active) => AddsAnyOf(active) ? true : null;

    protected override DataViewRowCursor GetRowCursorCore(
        IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        bool[] active = RowCursorUtils.GetActive(OutputSchema, columnsNeeded);
        return new Cursor(Host, Source.GetRowCursor(GetInputColumns(active), rand), this, active);
    }

    private bool AddsAnyOf(bool[] active) => _bindings.AddedColumnIndices.Any(index => active[index]);

    private Func<int, bool> ActiveAdded(bool[] active) => added => active[_bindings.AddedColumnIndices[added]];

    private IEnumerable<DataViewSchema.Column> GetInputColumns(bool[] active)
    {
        bool[] passedOn = _bindings.GetActiveInput(active);
        var neededByMapper = _mapper.GetDependencies(ActiveAdded(active));
        return InputSchema.Where(column => passedOn[column.Index] || neededByMapper(column.Index));
    }

    private sealed class Row : WrappingRow
    {
        private readonly RowToRowMapperTransform _parent;
        private readonly Delegate[] _getters;
        private readonly Action _disposer;

        public Row(DataViewRow input, RowToRowMapperTransform parent, bool[] active)
            : base(input)
        {
            _parent = parent;
            _getters = parent._mapper.CreateGetters(input, parent.ActiveAdded(active), out _disposer);
        }

        public override DataViewSchema Schema => _parent.OutputSchema;

        public override bool IsColumnActive(DataViewSchema.Column column)
        {
            int index = _parent._bindings.MapColumnIndex(out bool isInput, column.Index);
            return isInput ? Input.IsColumnActive(Input.Schema[index]) : _getters[index] is not null;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Contracts.CheckParam(IsColumnActive(column), nameof(column), "requested column not active.");
            int index = _parent._bindings.MapColumnIndex(out bool isInput, column.Index);
            return isInput
                ? Input.GetGetter<TValue>(Input.Schema[index])
                : RowCursorUtils.Cast<TValue>(_getters[index]);
        }

        protected override void DisposeCore(bool disposing)
        {
            if (disposing)
                _disposer?.Invoke();
        }
    }

    private sealed class Cursor : SynchronizedCursorBase
    {
        private readonly RowToRowMapperTransform _parent;
        private readonly bool[] _active;
        private readonly Delegate[] _getters;
        private readonly Action _disposer;
        private bool _disposed;

        public Cursor(IChannelProvider provider, DataViewRowCursor input, RowToRowMapperTransform parent, bool[] active)
            : base(provider, input)
        {
            _parent = parent;
            _active = active;
            _getters = parent._mapper.CreateGetters(input, parent.ActiveAdded(active), out _disposer);
        }

        public override DataViewSchema Schema => _parent.OutputSchema;

        public override bool IsColumnActive(DataViewSchema.Column column)
        {
            Ch.Check(column.Index < _active.Length);
            return _active[column.Index];
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.Check(IsColumnActive(column));
            int index = _parent._bindings.MapColumnIndex(out bool isInput, column.Index);
            return isInput
                ? Input.GetGetter<TValue>(Input.Schema[index])
                : RowCursorUtils.Cast<TValue>(_getters[index]);
        }

        protected override void Dispose(bool disposing)
        {
            if (_disposed)
                return;
            _disposed = true;
            if (disposing)
                _disposer?.Invoke();
            base.Dispose(disposing);
        }
    }
}
