using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using ML.Conformance.Custom;

[assembly: LoadableClass(
    typeof(ScaleTransformer), typeof(ScaleTransformer), null, typeof(SignatureLoadModel), "Scale", "ConformanceScale")]

namespace ML.Conformance.Custom;

/// <summary>Multiplies a Single column by a factor.</summary>
public sealed class ScaleTransformer(string output, string input, float factor) : ITransformer, IDisposable
{
    public bool IsDisposed { get; private set; }

    private string Output => output;

    private string Input => input;

    private float Factor => factor;

    public bool IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new Mapper(this, inputSchema).OutputSchema;

    public IDataView Transform(IDataView data) => new View(data, new Mapper(this, data.Schema));

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    public void Save(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version(3));
        ctx.Writer.Write(output);
        ctx.Writer.Write(input);
        ctx.Writer.Write(factor);
    }

    public void Dispose() => IsDisposed = true;

    private static ScaleTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version(3));
        using var channel = env.Register("Scale").Start("Loading");
        channel.Info(MessageSensitivity.None, "Loading a scale");
        return new ScaleTransformer(ctx.Reader.ReadString(), ctx.Reader.ReadString(), ctx.Reader.ReadSingle());
    }

    private static VersionInfo Version(uint current) => new(
        modelSignature: "CNFSCALE",
        verWrittenCur: current,
        verReadableCur: current,
        verWeCanReadBack: 2,
        loaderAssemblyName: typeof(ScaleTransformer).Assembly.GetName().Name,
        loaderSignature: "ConformanceScale");

    private sealed class Mapper : IRowToRowMapper
    {
        private readonly float _factor;

        public Mapper(ScaleTransformer transformer, DataViewSchema inputSchema)
        {
            _factor = transformer.Factor;
            Source = inputSchema[transformer.Input];
            InputSchema = inputSchema;
            var builder = new DataViewSchema.Builder();
            builder.AddColumns(inputSchema);
            builder.AddColumn(transformer.Output, NumberDataViewType.Single);
            OutputSchema = builder.ToSchema();
        }

        public DataViewSchema.Column Source { get; }

        public DataViewSchema InputSchema { get; }

        public DataViewSchema OutputSchema { get; }

        public int AddedIndex => InputSchema.Count;

        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        {
            var needed = dependingColumns.Select(column => column.Index).ToHashSet();
            return InputSchema.Where(column => needed.Contains(column.Index)
                || (column.Index == Source.Index && needed.Contains(AddedIndex)));
        }

        public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
            new Row(input, this, activeColumns.Any(column => column.Index == AddedIndex));

        public ValueGetter<float> NewGetter(DataViewRow row)
        {
            var getter = row.GetGetter<float>(Source);
            return (ref float value) =>
            {
                getter(ref value);
                value *= _factor;
            };
        }
    }

    private sealed class Row(DataViewRow input, Mapper mapper, bool addedIsActive) : DataViewRow
    {
        private readonly ValueGetter<float>? _added = addedIsActive ? mapper.NewGetter(input) : null;

        public override DataViewSchema Schema => mapper.OutputSchema;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) =>
            column.Index == mapper.AddedIndex ? _added is not null : input.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            column.Index == mapper.AddedIndex
                ? (ValueGetter<TValue>)(Delegate)_added!
                : input.GetGetter<TValue>(mapper.InputSchema[column.Index]);
    }

    private sealed class View(IDataView source, Mapper mapper) : IDataView
    {
        public bool CanShuffle => source.CanShuffle;

        public DataViewSchema Schema => mapper.OutputSchema;

        public long? GetRowCount() => source.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            var needed = columnsNeeded.ToList();
            return new Cursor(source.GetRowCursor(mapper.GetDependencies(needed), rand), mapper, needed);
        }

        public DataViewRowCursor[] GetRowCursorSet(
            IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        {
            var needed = columnsNeeded.ToList();
            var inputs = source.GetRowCursorSet(mapper.GetDependencies(needed), n, rand);
            return Array.ConvertAll(inputs, input => (DataViewRowCursor)new Cursor(input, mapper, needed));
        }
    }

    private sealed class Cursor(DataViewRowCursor input, Mapper mapper, List<DataViewSchema.Column> needed)
        : DataViewRowCursor
    {
        private readonly DataViewRow _row = mapper.GetRow(input, needed);

        public override DataViewSchema Schema => mapper.OutputSchema;

        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override bool MoveNext() => input.MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => _row.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            _row.GetGetter<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                input.Dispose();
            base.Dispose(disposing);
        }
    }
}
