using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The column types of .NET types that ML.NET itself has no column type for, such as images.</summary>
public static class DataViewTypeManager
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<(Type, DataViewTypeAttribute), DataViewType> s_columnTypes = [];
    private static readonly Dictionary<DataViewType, (Type, DataViewTypeAttribute)> s_types = [];

    public static void Register(DataViewType dataViewType, Type type, DataViewTypeAttribute typeAttribute = null)
    {
        lock (s_lock)
        {
            var key = (type, typeAttribute);
            // Saying the same thing twice is fine; saying two things is not.
            if (s_columnTypes.TryGetValue(key, out var otherColumnType) && !otherColumnType.Equals(dataViewType))
                throw Contracts.ExceptParam(
                    nameof(type),
                    $"Repeated type register. The raw type {type} has been associated with {otherColumnType} so it "
                    + $"cannot be associated with {dataViewType}.");
            if (s_types.TryGetValue(dataViewType, out var otherKey) && !otherKey.Equals(key))
                throw Contracts.ExceptParam(
                    nameof(dataViewType),
                    $"Repeated type register. The DataView type {dataViewType} has been associated with "
                    + $"{otherKey.Item1} so it cannot be associated with {type}.");
            s_columnTypes[key] = dataViewType;
            s_types[dataViewType] = key;
        }
    }

    internal static bool Knows(Type type, IEnumerable<Attribute> typeAttributes = null)
    {
        lock (s_lock)
            return s_columnTypes.ContainsKey((type, OneOf(type, typeAttributes)));
    }

    internal static DataViewType GetDataViewType(Type type, IEnumerable<Attribute> typeAttributes = null)
    {
        lock (s_lock)
            return s_columnTypes.TryGetValue((type, OneOf(type, typeAttributes)), out var columnType)
                ? columnType
                : throw Contracts.ExceptParam(
                    nameof(type), $"The raw type {type} is not registered with a DataView type.");
    }

    private static DataViewTypeAttribute OneOf(Type type, IEnumerable<Attribute> typeAttributes)
    {
        var found = (typeAttributes ?? []).OfType<DataViewTypeAttribute>().ToList();
        return found.Count < 2
            ? found.SingleOrDefault()
            : throw Contracts.ExceptParam(
                nameof(type),
                $"Type {type.Name} cannot be marked with multiple attributes derived from "
                + $"{nameof(DataViewTypeAttribute)}.");
    }
}
