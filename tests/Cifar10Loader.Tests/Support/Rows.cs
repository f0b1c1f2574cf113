using Microsoft.ML;
using Microsoft.ML.Data;

namespace Cifar10Loader.Tests;

/// <summary>Reads columns of a data view into lists.</summary>
internal static class Rows
{
    public static List<uint> Keys(IDataView data, string column = "Label") => Values<uint>(data, column);

    public static List<string> Texts(IDataView data, string column) =>
        [.. Map<ReadOnlyMemory<char>, string>(data, column, value => value.ToString())];

    public static List<byte[]> Pixels(IDataView data) =>
        [.. Map<VBuffer<byte>, byte[]>(data, "Pixels", value => [.. value.DenseValues()])];

    public static List<T> Values<T>(IDataView data, string column) => [.. Map<T, T>(data, column, value => value)];

    private static IEnumerable<TResult> Map<T, TResult>(IDataView data, string column, Func<T, TResult> convert)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[column]]);
        ValueGetter<T> get = cursor.GetGetter<T>(data.Schema[column]);
        T value = default!;
        while (cursor.MoveNext())
        {
            get(ref value);
            yield return convert(value);
        }
    }
}
