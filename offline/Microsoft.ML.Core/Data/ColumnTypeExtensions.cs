using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

internal static class ColumnTypeExtensions
{
    private static readonly Dictionary<Type, PrimitiveDataViewType> s_primitives = new PrimitiveDataViewType[]
    {
        NumberDataViewType.SByte, NumberDataViewType.Byte, NumberDataViewType.Int16, NumberDataViewType.UInt16,
        NumberDataViewType.Int32, NumberDataViewType.UInt32, NumberDataViewType.Int64, NumberDataViewType.UInt64,
        NumberDataViewType.Single, NumberDataViewType.Double, BooleanDataViewType.Instance,
        TextDataViewType.Instance,
    }.ToDictionary(type => type.RawType);

    /// <summary>The column type that holds values of a .NET type, or null where there is none.</summary>
    public static PrimitiveDataViewType PrimitiveTypeOrNull(Type type) =>
        s_primitives.GetValueOrDefault(type == typeof(string) ? typeof(ReadOnlyMemory<char>) : type);

    public static PrimitiveDataViewType PrimitiveTypeFromType(Type type) =>
        PrimitiveTypeOrNull(type) ?? throw Contracts.Except($"No column type holds values of type {type}");

    public static DataViewType GetItemType(this DataViewType type) => (type as VectorDataViewType)?.ItemType ?? type;

    /// <summary>The size of a vector; 0 for vectors of varying size, and for scalars.</summary>
    public static int GetVectorSize(this DataViewType type) => (type as VectorDataViewType)?.Size ?? 0;

    /// <summary>The number of values: 1 for a scalar; 0 for vectors of varying size.</summary>
    public static int GetValueCount(this DataViewType type) => (type as VectorDataViewType)?.Size ?? 1;

    /// <summary>The cardinality of a key; 0 for all other types.</summary>
    public static ulong GetKeyCount(this DataViewType type) => (type as KeyDataViewType)?.Count ?? 0;

    public static int GetKeyCountAsInt32(this DataViewType type, IExceptionContext context = null)
    {
        ulong count = type.GetKeyCount();
        context.Check(
            count <= int.MaxValue,
            $"{nameof(KeyDataViewType)}.{nameof(KeyDataViewType.Count)} exceeds int.MaxValue.");
        return (int)count;
    }

    public static bool TryGetColumnIndex(this DataViewSchema schema, string name, out int index)
    {
        index = schema.GetColumnOrNull(name)?.Index ?? -1;
        return index >= 0;
    }
}
