using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>One output column: its type and the fields that fill it.</summary>
internal sealed class TextColumn
{
    public readonly string Name;
    public readonly DataViewType Type;

    /// <summary>Field number of every slot.</summary>
    public readonly int[] Fields;

    /// <param name="fieldCount">Number of fields in a line, for ranges without an end; 0 when not known.</param>
    public TextColumn(TextLoader.Column column, int fieldCount)
    {
        if (column.Source is not { Length: > 0 })
            throw Contracts.ExceptParam(nameof(TextLoader.Column.Source), "Must specify some source column indices");
        Contracts.CheckParam(!string.IsNullOrWhiteSpace(column.Name), nameof(column.Name), "A column needs a name");

        Name = column.Name.Trim();
        Fields = column.Source.SelectMany(range => FieldsOf(range, fieldCount)).ToArray();
        if (Fields.Distinct().Count() != Fields.Length)
            throw Contracts.ExceptParam(nameof(TextLoader.Column.Source), $"Intervals specified for column '{Name}' overlap");

        var itemType = TextValue.TypeOf(column.DataKind);
        if (column.KeyCount != null)
            itemType = KeyTypeOf(itemType, column.KeyCount);
        Type = Fields.Length > 1 || column.Source[0].ForceVector
            ? new VectorDataViewType(itemType, Fields.Length)
            : itemType;
    }

    private static IEnumerable<int> FieldsOf(TextLoader.Range range, int fieldCount)
    {
        if (range.Max is { } max)
            return Enumerable.Range(range.Min, max - range.Min + 1);
        if (range.Min >= fieldCount)
        {
            throw Contracts.ExceptParam(nameof(range.Min),
                $"Column #{range.Min} not found in the dataset (it only has {fieldCount} columns)");
        }
        return Enumerable.Range(range.Min, fieldCount - range.Min);
    }

    private static KeyDataViewType KeyTypeOf(PrimitiveDataViewType type, KeyCount keyCount)
    {
        if (type.RawType != typeof(byte) && type.RawType != typeof(ushort) && type.RawType != typeof(uint) && type.RawType != typeof(ulong))
        {
            throw Contracts.ExceptParam(nameof(TextLoader.Column.DataKind),
                $"A key column must be an unsigned integer type, not {type}");
        }
        return new KeyDataViewType(type.RawType, keyCount.Count.Value);
    }
}
