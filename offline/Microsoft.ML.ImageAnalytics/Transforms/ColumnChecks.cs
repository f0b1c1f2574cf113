using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Image;

/// <summary>What the image estimators ask of a column before there is data.</summary>
internal static class ColumnChecks
{
    public static void RequireScalar<TType>(IHost host, SchemaShape inputSchema, string column, string expected)
        where TType : DataViewType
    {
        if (!inputSchema.TryFindColumn(column, out var found))
            throw host.ExceptSchemaMismatch(nameof(inputSchema), "input", column);
        if (found.ItemType is not TType || found.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw host.ExceptSchemaMismatch(nameof(inputSchema), "input", column, expected, found.GetTypeString());
    }

    public static void RequireImage(IHost host, SchemaShape inputSchema, string column) =>
        RequireScalar<ImageDataViewType>(host, inputSchema, column, new ImageDataViewType().ToString());
}
