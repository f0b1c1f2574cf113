using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public static class ColumnCursorExtensions
{
    public static IEnumerable<T> GetColumn<T>(this IDataView data, string columnName) =>
        GetColumn<T>(data, data.Schema[columnName]);

    public static IEnumerable<T> GetColumn<T>(this IDataView data, DataViewSchema.Column column)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckNonEmpty(column.Name, nameof(column));
        var own = column.Index < data.Schema.Count ? data.Schema[column.Index] : default;
        Contracts.CheckParam(
            own.Name == column.Name && own.Type == column.Type,
            nameof(column),
            $"column with name {column.Name}, type {column.Type}, and index {column.Index} cannot be found in data");

        var (itemType, isVector) = MemberTypes.Map(typeof(T));
        var columnVector = column.Type as VectorDataViewType;
        if (column.Type.RawType == typeof(T))
            return Enumerate(data, column, new SameConversion<T>());
        if (typeof(T) == typeof(string) && column.Type is TextDataViewType)
            return (IEnumerable<T>)Enumerate(data, column, new TextConversion());
        if (typeof(T).IsArray && columnVector?.ItemType.RawType == itemType)
            return typeof(T) == typeof(string[])
                ? (IEnumerable<T>)Enumerate(data, column, new TextArrayConversion()).Select(array => array ?? [])
                : (IEnumerable<T>)Generic.Call(EnumerateArrays<int>, itemType, data, column);
        throw Contracts.ExceptParam(
            nameof(column),
            typeof(T).IsArray && columnVector is null
                ? $"Cannot load vector type, {column.Type}, specified in column to the user-defined type, {typeof(T)}."
                : $"Cannot map column (name: {column.Name}, type: {column.Type}) in data to the user-defined type, "
                    + $"{typeof(T)}.");
    }

    private static object EnumerateArrays<TItem>(IDataView data, DataViewSchema.Column column) =>
        Enumerate(data, column, new ArrayConversion<TItem>()).Select(array => array ?? []);

    private static IEnumerable<TOut> Enumerate<TOut, TValue>(
        IDataView data, DataViewSchema.Column column, IConversion<TOut, TValue> conversion)
    {
        using var cursor = data.GetRowCursor([column]);
        var getter = cursor.GetGetter<TValue>(column);
        TValue value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            // Each row gets an array of its own.
            TOut result = default;
            conversion.Store(in value, ref result);
            yield return result;
        }
    }
}
