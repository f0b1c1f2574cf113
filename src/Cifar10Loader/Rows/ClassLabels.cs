using Microsoft.ML;
using Microsoft.ML.Data;

namespace Cifar10Loader;

/// <summary>Label columns: keys that carry their class names, and reading those names back.</summary>
public static class ClassLabels
{
    private const string KeyValues = "KeyValues";

    /// <summary>The class names of a label column, in label order: key 1 is the first of them.</summary>
    /// <param name="data">A data view with a label column that is a key with text values.</param>
    /// <param name="labelColumnName">The label column.</param>
    /// <returns>One name for each class.</returns>
    /// <exception cref="ArgumentException">There is no such column, or it is no key with class names.</exception>
    public static IReadOnlyList<string> GetClassNames(this IDataView data, string labelColumnName = "Label")
    {
        ArgumentNullException.ThrowIfNull(data);
        DataViewSchema.Column column = Require(data, labelColumnName);
        bool named = column.Type is KeyDataViewType
            && column.Annotations.Schema.GetColumnOrNull(KeyValues)?.Type is VectorDataViewType { ItemType: TextDataViewType };
        if (!named)
        {
            throw new ArgumentException(
                $"Column '{labelColumnName}' is {column.Type} without class names; expected a key with text values, " +
                "such as MapValueToKey makes.", nameof(labelColumnName));
        }

        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue(KeyValues, ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    internal static DataViewSchema.Column Require(IDataView data, string columnName) =>
        data.Schema.GetColumnOrNull(columnName)
        ?? throw new ArgumentException(
            $"There is no column '{columnName}'; the data has {string.Join(", ", data.Schema.Select(column => column.Name))}.",
            nameof(columnName));

    internal static void AddKeyColumn(DataViewSchema.Builder schema, string name, string[] classNames)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add<VBuffer<ReadOnlyMemory<char>>>(
            KeyValues, new VectorDataViewType(TextDataViewType.Instance, classNames.Length), CopyNames);
        schema.AddColumn(name, new KeyDataViewType(typeof(uint), classNames.Length), annotations.ToAnnotations());

        void CopyNames(ref VBuffer<ReadOnlyMemory<char>> names)
        {
            VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref names, classNames.Length);
            for (int i = 0; i < classNames.Length; i++)
                editor.Values[i] = classNames[i].AsMemory();
            names = editor.Commit();
        }
    }

    /// <summary>A getter of keys: one more than the class number, because key 0 means missing.</summary>
    internal static Func<CurrentRow, Delegate> KeyGetter(Func<int, int> classOfRow) =>
        row => (ValueGetter<uint>)((ref uint key) => key = (uint)classOfRow(row.Required) + 1);
}
