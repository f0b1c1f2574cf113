using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

internal static class RowCursorUtils
{
    public const string FetchValueStateError =
        "Values cannot be fetched at this time. This method was called either before the first call to "
        + nameof(DataViewRowCursor.MoveNext) + ", or at any point after that method returned false.";

    /// <summary>Which columns of a schema are needed. The columns are enumerated once; they may be lazy.</summary>
    public static bool[] GetActive(DataViewSchema schema, IEnumerable<DataViewSchema.Column> columnsNeeded)
    {
        Contracts.CheckValue(columnsNeeded, nameof(columnsNeeded));
        Contracts.CheckValue(schema, nameof(schema));
        var active = new bool[schema.Count];
        foreach (var column in columnsNeeded)
        {
            Contracts.Check(
                column.Index < active.Length, $"The requested column: {column} is not part of the schema");
            active[column.Index] = true;
        }
        return active;
    }

    /// <summary>A getter under the type it is asked for, or the complaint that it is of another.</summary>
    public static ValueGetter<TValue> Cast<TValue>(Delegate getter) =>
        getter as ValueGetter<TValue>
        ?? throw Contracts.Except(
            $"Invalid TValue in GetGetter: '{typeof(TValue)}', "
            + $"expected type: '{getter.GetType().GetGenericArguments().First()}'.");

    /// <summary>The getter of a column whose type is known only at run time.</summary>
    public static Delegate GetGetterAsDelegate(this DataViewRow row, DataViewSchema.Column column) =>
        Generic.Call(GetGetter<int>, column.Type.RawType, row, column);

    private static Delegate GetGetter<TValue>(DataViewRow row, DataViewSchema.Column column) =>
        row.GetGetter<TValue>(column);
}

/// <summary>Calls generic methods with a type that is known only at run time.</summary>
internal static class Generic
{
    public static TResult Call<T1, TResult>(Func<T1, TResult> method, Type type, T1 argument) =>
        Bind(method, type)(argument);

    public static TResult Call<T1, T2, TResult>(
        Func<T1, T2, TResult> method, Type type, T1 argument1, T2 argument2) =>
        Bind(method, type)(argument1, argument2);

    public static TResult Call<T1, T2, T3, TResult>(
        Func<T1, T2, T3, TResult> method, Type type, T1 argument1, T2 argument2, T3 argument3) =>
        Bind(method, type)(argument1, argument2, argument3);

    /// <summary>The same method of the same target, made with another type argument.</summary>
    private static TDelegate Bind<TDelegate>(TDelegate method, Type type)
        where TDelegate : Delegate =>
        method.Method.GetGenericMethodDefinition().MakeGenericMethod(type)
            .CreateDelegate<TDelegate>(method.Target);
}
