using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>The label of a training set: a key column whose keys are the classes.</summary>
internal static class LabelColumn
{
    /// <summary>The value of a row without a label.</summary>
    public const int Missing = -1;

    /// <summary>Finds the label and counts its classes.</summary>
    public static (DataViewSchema.Column Column, int ClassCount) Find(DataViewSchema schema, string name)
    {
        var column = schema.Required(name, "label");
        if (column.Type is not KeyDataViewType key)
            throw new InvalidOperationException(
                $"Label column '{name}' is {ImageLayout.Describe(column.Type)}; expected a key. " +
                $"Put mlContext.Transforms.Conversion.MapValueToKey(\"{name}\") before the trainer.");
        if (key.Count < 2)
            throw new InvalidOperationException(
                $"Label column '{name}' has {key.Count} class; a classifier needs at least 2. " +
                "Check that the training data holds more than one label value.");
        if (key.Count > int.MaxValue)
            throw new InvalidOperationException(
                $"Label column '{name}' has {key.Count} keys, more than a classifier can have classes. " +
                "Use MapValueToKey, which counts the values that occur.");

        // Refuses keys that no model file could hold before there is a model.
        _ = KeyNames.Of(column);
        return (column, (int)key.Count);
    }

    /// <summary>Reads labels as class indices from 0; <see cref="Missing"/> where there is none.</summary>
    public static Func<int> Reader(DataViewRow row, DataViewSchema.Column column)
    {
        int classes = (int)((KeyDataViewType)column.Type).Count;
        var raw = column.Type.RawType;
        if (raw == typeof(byte))
            return Reader<byte>(row, column, value => value);
        if (raw == typeof(ushort))
            return Reader<ushort>(row, column, value => value);
        if (raw == typeof(uint))
            return Reader<uint>(row, column, value => value);
        return Reader<ulong>(row, column, value => value);

        Func<int> Reader<T>(DataViewRow row, DataViewSchema.Column column, Func<T, ulong> widen) where T : struct
        {
            var getter = row.GetGetter<T>(column);
            T value = default;
            return () =>
            {
                getter(ref value);
                ulong key = widen(value);
                return key == 0 || key > (ulong)classes ? Missing : (int)key - 1;
            };
        }
    }

    /// <summary>A column that must be there.</summary>
    public static DataViewSchema.Column Required(this DataViewSchema schema, string name, string role) =>
        schema.GetColumnOrNull(name) ?? throw new InvalidOperationException(
            $"There is no column '{name}' for the {role}; the columns are {Names(schema)}.");

    private static string Names(DataViewSchema schema) =>
        string.Join(", ", schema.Where(column => !column.IsHidden).Select(column => $"'{column.Name}'"));
}
