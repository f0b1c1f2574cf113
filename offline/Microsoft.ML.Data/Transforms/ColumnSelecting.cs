using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(ColumnSelectingTransformer), null, typeof(SignatureLoadModel),
    "Select Columns Transform", ColumnSelectingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

public sealed class ColumnSelectingEstimator : TrivialEstimator<ColumnSelectingTransformer>
{
    internal ColumnSelectingEstimator(IHostEnvironment env, string[] columns, bool keep)
        : base(env.Register(nameof(ColumnSelectingEstimator)), new ColumnSelectingTransformer(env, columns, keep))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Host.CheckValue(inputSchema, nameof(inputSchema));
        Transformer.CheckNames(inputSchema.Select(column => column.Name));
        return new SchemaShape(inputSchema.Where(column => Transformer.Passes(column.Name)));
    }
}

/// <summary>Keeps the named columns, in the order of the names, or all but the named ones.</summary>
public sealed class ColumnSelectingTransformer : ITransformer
{
    internal const string LoaderSignature = "SelectColumnsTransform";

    private readonly IHost _host;
    private readonly string[] _columns;
    private readonly bool _keep;

    internal ColumnSelectingTransformer(IHostEnvironment env, string[] columns, bool keep)
    {
        _host = env.Register(nameof(ColumnSelectingTransformer));
        _host.Check(columns is { Length: > 0 },
            "Neither keepColumns and dropColumns is set. Exactly one must be specified.");
        _columns = columns;
        _keep = keep;
    }

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new ColumnSelection(this, inputSchema).Schema;

    public IDataView Transform(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        return new SelectView(_host, input, new ColumnSelection(this, input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) =>
        new SelectView(_host, new EmptyDataView(_host, inputSchema), new ColumnSelection(this, inputSchema));

    private static ColumnSelectingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        bool keep = ctx.Reader.ReadByte() != 0;
        bool keepHidden = ctx.Reader.ReadByte() != 0;
        bool ignoreMissing = ctx.Reader.ReadByte() != 0;
        env.CheckDecode(!keepHidden && !ignoreMissing);
        var columns = new string[ctx.Reader.ReadInt32()];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = ctx.LoadNonEmptyString();
        return new ColumnSelectingTransformer(env, columns, keep);
    }

    // The format has two flags that are never set here: to keep hidden columns, and to ignore missing ones.
    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.SetVersionInfo(Version());
        ctx.Writer.Write(_keep);
        ctx.Writer.Write(false);
        ctx.Writer.Write(false);
        ctx.Writer.Write(_columns.Length);
        foreach (string column in _columns)
            ctx.SaveNonEmptyString(column);
    }

    internal bool Passes(string name) => _columns.Contains(name) == _keep;

    internal void CheckNames(IEnumerable<string> inputNames)
    {
        var missing = _columns.Except(inputNames).ToArray();
        if (missing.Length > 0)
            throw _host.ExceptSchemaMismatch("inputSchema", "input", string.Join(",", missing));
    }

    private static VersionInfo Version() =>
        new("SELCOLST", 0x00010001, 0x00010001, 0x00010001, typeof(ColumnSelectingTransformer).Assembly.FullName, LoaderSignature);

    /// <summary>Which columns of an input schema pass, in order.</summary>
    private sealed class ColumnSelection
    {
        private readonly DataViewSchema.Column[] _sources;

        public ColumnSelection(ColumnSelectingTransformer parent, DataViewSchema input)
        {
            parent._host.CheckValue(input, nameof(input));
            parent.CheckNames(input.Select(column => column.Name));
            _sources = parent._keep
                ? [.. parent._columns.Select(name => input[name])]
                : [.. input.Where(column => parent.Passes(column.Name))];
            var builder = new DataViewSchema.Builder();
            builder.AddColumns(_sources);
            Schema = builder.ToSchema();
        }

        public DataViewSchema Schema { get; }

        public DataViewSchema.Column Source(DataViewSchema.Column column) => _sources[column.Index];
    }

    private sealed class SelectView(IHost host, IDataView source, ColumnSelection selection) : IDataView, IRowToRowMapper
    {
        public bool CanShuffle => source.CanShuffle;

        public DataViewSchema InputSchema => source.Schema;

        public DataViewSchema OutputSchema => selection.Schema;

        DataViewSchema IDataView.Schema => selection.Schema;

        public long? GetRowCount() => source.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
            new Cursor(host, source.GetRowCursor(GetDependencies(columnsNeeded), rand), selection);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
            Array.ConvertAll(
                source.GetRowCursorSet(GetDependencies(columnsNeeded), n, rand),
                input => (DataViewRowCursor)new Cursor(host, input, selection));

        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
            dependingColumns.Select(selection.Source).DistinctBy(column => column.Index).ToArray();

        public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
            new Row(input, selection);
    }

    private sealed class Cursor(IChannelProvider provider, DataViewRowCursor input, ColumnSelection selection)
        : SynchronizedCursorBase(provider, input)
    {
        public override DataViewSchema Schema => selection.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => Input.IsColumnActive(selection.Source(column));

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            Input.GetGetter<TValue>(selection.Source(column));
    }

    private sealed class Row(DataViewRow input, ColumnSelection selection) : WrappingRow(input)
    {
        public override DataViewSchema Schema => selection.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => Input.IsColumnActive(selection.Source(column));

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            Input.GetGetter<TValue>(selection.Source(column));
    }
}
