using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>Reads and makes the shapes by which estimators tell each other what columns there will be.</summary>
internal static class SchemaShapes
{
    /// <summary>A column that must be there.</summary>
    public static SchemaShape.Column Find(SchemaShape shape, string name, string role)
    {
        foreach (var column in shape)
            if (column.Name == name)
                return column;
        throw new InvalidOperationException(
            $"There is no column '{name}' for the {role}; the columns are " +
            $"{string.Join(", ", shape.Select(column => $"'{column.Name}'").Distinct())}.");
    }

    /// <summary>The type of a column, for a message; as ML.NET writes it, less the dimensions, which a shape does not tell.</summary>
    public static string Describe(SchemaShape.Column column)
    {
        string item = column.IsKey ? $"Key<{column.ItemType}>" : column.ItemType.ToString()!;
        return column.Kind switch
        {
            SchemaShape.Column.VectorKind.Vector or SchemaShape.Column.VectorKind.VariableVector => $"Vector<{item}>",
            _ => item,
        };
    }

    /// <summary>A shape with columns added; they replace those of the same name.</summary>
    public static SchemaShape Append(SchemaShape shape, SchemaShape added)
    {
        var replaced = added.Select(column => column.Name).ToHashSet();
        return new SchemaShape([.. shape.Where(column => !replaced.Contains(column.Name)), .. added]);
    }

    /// <summary>The shape of a schema.</summary>
    /// <remarks>ML.NET makes shapes for itself only; but a chain of estimators shows its first one the shape of the data.</remarks>
    public static SchemaShape Of(DataViewSchema schema)
    {
        var witness = new Witness();
        new EstimatorChain<ITransformer>().Append(witness).Fit(new EmptyView(schema));
        return witness.Shape!;
    }

    private sealed class Witness : IEstimator<ITransformer>
    {
        public SchemaShape? Shape { get; private set; }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Shape = inputSchema;

        public ITransformer Fit(IDataView input) => new TransformerChain<ITransformer>();
    }

    private sealed class EmptyView(DataViewSchema schema) : IDataView
    {
        public bool CanShuffle => false;

        public DataViewSchema Schema => schema;

        public long? GetRowCount() => 0;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            throw new InvalidOperationException("A view without rows is only asked for its schema.");

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            [GetRowCursor(columnsNeeded, rand)];
    }
}
