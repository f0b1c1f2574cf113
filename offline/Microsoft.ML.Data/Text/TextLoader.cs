using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Reads delimited text. The nested types describe the file; <see cref="TextView"/> does the reading.</summary>
public sealed class TextLoader
{
    private TextLoader()
    {
    }

    public sealed class Column
    {
        public string Name;

        public DataKind DataKind { get; set; } = DataKind.Single;

        public Range[] Source;

        public KeyCount KeyCount;

        public Column()
        {
        }

        public Column(string name, DataKind dataKind, int index)
            : this(name, dataKind, [new Range(index)])
        {
        }

        public Column(string name, DataKind dataKind, int minIndex, int maxIndex)
            : this(name, dataKind, [new Range(minIndex, maxIndex)])
        {
        }

        public Column(string name, DataKind dataKind, Range[] source, KeyCount keyCount = null)
        {
            Contracts.CheckValue(name, nameof(name));
            Contracts.CheckValue(source, nameof(source));
            Name = name;
            DataKind = dataKind;
            Source = source;
            KeyCount = keyCount;
        }
    }

    /// <summary>Consecutive fields of a line; without an end, all that follow.</summary>
    public sealed class Range
    {
        internal readonly int Min;
        internal readonly int? Max;
        // A range given by its two ends makes a vector even when both are the same field.
        internal readonly bool ForceVector;

        public Range(int index)
        {
            Contracts.CheckParam(index >= 0, nameof(index), "Must be non-negative");
            Min = index;
            Max = index;
        }

        public Range(int min, int? max)
        {
            Contracts.CheckParam(min >= 0, nameof(min), "Must be non-negative");
            Contracts.CheckParam(!(max < min), nameof(max), "If specified, must be greater than or equal to " + nameof(min));
            Min = min;
            Max = max;
            ForceVector = true;
        }
    }

    public class Options
    {
        public bool AllowQuoting;
        public char[] Separators = ['\t'];
        public Column[] Columns;
        public bool TrimWhitespace;
        public bool HasHeader;
        public long? MaxRows;
        public bool MissingRealsAsNaNs;

        internal bool AllowSparse;
    }

    internal static Column[] ColumnsOf<TInput>()
    {
        var fields = typeof(TInput).GetFields(BindingFlags.Public | BindingFlags.Instance);
        var properties = typeof(TInput).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetGetMethod() != null && property.GetIndexParameters().Length == 0);
        var members = fields.Concat<MemberInfo>(properties).ToArray();
        if (members.Length == 0)
        {
            throw Contracts.ExceptParam(nameof(TInput),
                $"Should define at least one public, readable field or property in {nameof(TInput)}.");
        }
        return members.Select(ColumnOf).ToArray();
    }

    private static Column ColumnOf(MemberInfo member)
    {
        var isField = member is FieldInfo;
        var kindOfMember = isField ? "Field" : "Property";
        var loadColumn = member.GetCustomAttribute<LoadColumnAttribute>()
            ?? throw Contracts.Except($"{kindOfMember} '{member.Name}' is missing the {nameof(LoadColumnAttribute)} attribute");

        var type = isField ? ((FieldInfo)member).FieldType : ((PropertyInfo)member).PropertyType;
        if (!TextValue.TryGetKind(type.IsArray ? type.GetElementType() : type, out var kind))
            throw Contracts.Except($"{kindOfMember} {member.Name} is of unsupported type.");

        return new Column
        {
            Name = member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name,
            DataKind = kind,
            Source = loadColumn.Sources,
            KeyCount = member.GetCustomAttribute<KeyTypeAttribute>() is { } key ? new KeyCount(key.Count) : null,
        };
    }
}
