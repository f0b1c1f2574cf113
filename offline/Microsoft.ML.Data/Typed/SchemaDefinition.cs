using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>How the members of a class become columns; made from the class and its attributes, then adjustable.</summary>
public sealed class SchemaDefinition : List<SchemaDefinition.Column>
{
    private SchemaDefinition()
    {
    }

    public Column this[string columnName]
    {
        get => Find(column => column.ColumnName == columnName);
        set
        {
            Contracts.CheckValue(value, nameof(value));
            Contracts.CheckParam(
                value.ColumnName == columnName,
                nameof(columnName),
                $"The column name is specified as '{value.ColumnName}' but must match the selector '{columnName}'.");
            int index = FindIndex(column => column.ColumnName == columnName);
            if (index >= 0)
                this[index] = value;
            else
                Add(value);
        }
    }

    /// <summary>Whether members are read, written, or both; properties count if they can be.</summary>
    [Flags]
    public enum Direction
    {
        Read = 1,
        Write = 2,
        Both = Read | Write,
    }

    public static SchemaDefinition Create(Type userType, Direction direction = Direction.Both)
    {
        Contracts.CheckValue(userType, nameof(userType));
        var definition = new SchemaDefinition();
        foreach (var member in MembersOf(userType, direction))
        {
            var column = new Column(member);
            Contracts.CheckParam(
                definition[column.ColumnName] is null,
                nameof(userType),
                $"Duplicate column name '{column.ColumnName}' detected, this is disallowed");
            definition.Add(column);
        }
        return definition;
    }

    /// <summary>The definition of a class whose columns are to be those of a schema, of its types and annotations.</summary>
    internal static SchemaDefinition Create(Type userType, DataViewSchema schema)
    {
        var definition = Create(userType, Direction.Read);
        foreach (var column in schema)
        {
            var member = definition[column.Name]
                ?? throw Contracts.Except($"Type should contain a member named {column.Name}");
            member.ColumnType = column.Type;
            member.Annotations = column.Annotations;
        }
        return definition;
    }

    private static IEnumerable<MemberInfo> MembersOf(Type type, Direction direction)
    {
        const BindingFlags PublicInstance = BindingFlags.Public | BindingFlags.Instance;
        var properties = type.GetProperties(PublicInstance).Where(property =>
            property.GetIndexParameters().Length == 0
            && ((direction.HasFlag(Direction.Read) && property.GetGetMethod() is not null)
                || (direction.HasFlag(Direction.Write) && property.GetSetMethod() is not null)));
        return type.GetFields(PublicInstance)
            .Concat<MemberInfo>(properties)
            .Where(member => member.GetCustomAttribute<NoColumnAttribute>() is null
                && TypeOf(member) != typeof(IChannel));
    }

    private static Type TypeOf(MemberInfo member) =>
        member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;

    public sealed class Column
    {
        internal Column(MemberInfo member)
        {
            MemberName = member.Name;
            ColumnName = member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name;
            var attributes = member.GetCustomAttributes().ToList();
            var typeAttributes = attributes.OfType<DataViewTypeAttribute>().ToList();
            Contracts.CheckParam(
                typeAttributes.Count <= 1,
                "userType",
                $"Member {member.Name} cannot be marked with multiple attributes derived from "
                + $"{typeof(DataViewTypeAttribute)}.");
            typeAttributes.ForEach(attribute => attribute.Register());

            var (itemType, isVector) = MemberTypes.Map(TypeOf(member));
            ColumnType = DataViewTypeManager.GetOrNull(itemType, attributes)
                ?? MakeColumnType(member, itemType, isVector);
        }

        public string MemberName { get; }

        public string ColumnName { get; set; }

        public DataViewType ColumnType { get; set; }

        internal DataViewSchema.Annotations Annotations { get; set; }

        private static DataViewType MakeColumnType(MemberInfo member, Type type, bool isVector)
        {
            var itemType = ColumnTypeExtensions.PrimitiveTypeOrNull(type)
                ?? throw Contracts.ExceptParam(
                    "rawType",
                    "Could not determine an IDataView type and registered custom types for member " + member.Name);
            if (member.GetCustomAttribute<KeyTypeAttribute>() is { } key)
            {
                Contracts.CheckParam(
                    KeyDataViewType.IsValidDataType(type),
                    "userType",
                    $"Member {member.Name} marked with KeyType attribute, but does not appear to be a valid kind of "
                    + "data for a key type");
                itemType = new KeyDataViewType(type, key.Count);
            }

            var vector = member.GetCustomAttribute<VectorTypeAttribute>();
            if (isVector)
                return vector?.Dims is { Length: > 0 } dimensions
                    ? new VectorDataViewType(itemType, dimensions)
                    : new VectorDataViewType(itemType);
            Contracts.CheckParam(
                vector is null,
                "userType",
                $"Member {member.Name} marked with {nameof(VectorTypeAttribute)}, but does not appear to be a vector "
                + "type");
            return itemType;
        }
    }
}

internal static class MemberTypes
{
    /// <summary>The type of a member's values as a column holds them, and whether there are many.</summary>
    public static (Type ItemType, bool IsVector) Map(Type type)
    {
        var itemType = type.IsArray ? type.GetElementType()
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>) ? type.GetGenericArguments()[0]
            : null;
        var scalar = itemType ?? type;
        return (scalar == typeof(string) ? typeof(ReadOnlyMemory<char>) : scalar, itemType is not null);
    }
}
