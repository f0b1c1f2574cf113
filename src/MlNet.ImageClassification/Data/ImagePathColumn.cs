using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>The column that says which file a row's image is from.</summary>
internal static class ImagePathColumn
{
    private static readonly string[] Words = ["path", "file", "image"];

    /// <summary>
    /// The first text column with "path" in its name, else with "file", else with "image", in upper or lower case; null where
    /// there is none.
    /// </summary>
    public static DataViewSchema.Column? Find(DataViewSchema schema)
    {
        foreach (string word in Words)
            foreach (var column in schema)
                if (!column.IsHidden && column.Type is TextDataViewType && column.Name.Contains(word, StringComparison.OrdinalIgnoreCase))
                    return column;
        return null;
    }
}
