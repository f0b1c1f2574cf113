using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Which column types hold values of which .NET types, beyond the built-in ones.</summary>
public static class DataViewTypeManager
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<(Type, DataViewTypeAttribute), DataViewType> s_byRawType = [];
    private static readonly Dictionary<DataViewType, (Type Type, DataViewTypeAttribute)> s_byColumnType = [];

    public static void Register(DataViewType dataViewType, Type type, DataViewTypeAttribute typeAttribute = null)
    {
        Contracts.CheckParam(
            ColumnTypeExtensions.PrimitiveTypeOrNull(type) is null,
            nameof(type),
            $"Type {type} has been registered as ML.NET's default supported type, so it can't not be registered again.");
        var rawType = (type, typeAttribute);
        lock (s_lock)
        {
            bool rawTypeKnown = s_byRawType.TryGetValue(rawType, out var itsColumnType);
            Contracts.CheckParam(
                !rawTypeKnown || itsColumnType.Equals(dataViewType),
                nameof(type),
                $"Repeated type register. The raw type {type} has been associated with {itsColumnType} so it cannot be "
                + $"associated with {dataViewType}.");
            bool columnTypeKnown = s_byColumnType.TryGetValue(dataViewType, out var itsRawType);
            Contracts.CheckParam(
                !columnTypeKnown || itsRawType.Equals(rawType),
                nameof(dataViewType),
                $"Repeated type register. The DataView type {dataViewType} has been associated with {itsRawType.Type} "
                + $"so it cannot be associated with {type}.");
            s_byRawType[rawType] = dataViewType;
            s_byColumnType[dataViewType] = rawType;
        }
    }

    internal static bool Knows(DataViewType columnType)
    {
        lock (s_lock)
            return s_byColumnType.ContainsKey(columnType);
    }

    /// <summary>The type registered for a .NET type with one of these attributes, or null.</summary>
    internal static DataViewType GetOrNull(Type type, IEnumerable<Attribute> attributes)
    {
        var choice = attributes.OfType<DataViewTypeAttribute>().SingleOrDefault();
        lock (s_lock)
            return s_byRawType.GetValueOrDefault((type, choice));
    }
}
