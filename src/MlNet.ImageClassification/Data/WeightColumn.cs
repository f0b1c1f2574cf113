using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>The column that says how much each row counts in training.</summary>
internal static class WeightColumn
{
    /// <summary>Finds the weights.</summary>
    /// <exception cref="InvalidOperationException">There is no such column of Singles.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name)
    {
        var column = schema.Required(name, "weights of the rows");
        return column.Type == NumberDataViewType.Single
            ? column
            : throw new InvalidOperationException(
                $"Column '{name}' of the weights of the rows is {ImageLayout.Describe(column.Type)}; expected Single. " +
                $"Put mlContext.Transforms.Conversion.ConvertType(\"{name}\", outputKind: DataKind.Single) before the trainer.");
    }

    /// <summary>Refuses what no row can count.</summary>
    /// <exception cref="InvalidOperationException">The weight is negative or not finite.</exception>
    public static void Require(float weight, string column, string where)
    {
        if (!(weight >= 0 && float.IsFinite(weight)))
            throw new InvalidOperationException(
                FormattableString.Invariant($"The weight in column '{column}' of {where} is {weight}; a weight is a finite number, 0 or more."));
    }
}
