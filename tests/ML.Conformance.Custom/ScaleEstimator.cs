using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance.Custom;

/// <summary>Has nothing to learn; says of its output what is known before any data.</summary>
public sealed class ScaleEstimator(string output, string input, float factor) : IEstimator<ScaleTransformer>
{
    public ScaleTransformer Fit(IDataView data) => new(output, input, factor);

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        var source = inputSchema.Single(column => column.Name == input);
        if (source.ItemType != NumberDataViewType.Single || source.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw new ArgumentException($"Column '{input}' must be a Single to be scaled.");
        var added = new DataViewSchema.Builder();
        added.AddColumn(output, NumberDataViewType.Single);
        return new SchemaShape(inputSchema.Where(column => column.Name != output).Concat(ShapeOf(added.ToSchema())));
    }

    /// <summary>Only ML.NET itself can make the columns of a shape; but a chain makes them of any schema.</summary>
    public static SchemaShape ShapeOf(DataViewSchema schema)
    {
        var capture = new Capture();
        new EstimatorChain<ITransformer>().Append(capture).Fit(new Rowless(schema));
        return capture.Shape!;
    }

    private sealed class Capture : IEstimator<ITransformer>
    {
        public SchemaShape? Shape { get; private set; }

        public ITransformer Fit(IDataView data) => new TransformerChain<ITransformer>();

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Shape = inputSchema;
    }

    private sealed class Rowless(DataViewSchema schema) : IDataView
    {
        public bool CanShuffle => false;

        public DataViewSchema Schema => schema;

        public long? GetRowCount() => 0;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            throw new NotSupportedException("There are no rows to read.");

        public DataViewRowCursor[] GetRowCursorSet(
            IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            throw new NotSupportedException("There are no rows to read.");
    }
}
