namespace Cifar10Loader;

/// <summary>Which columns of a manifest are the path and the label.</summary>
/// <param name="Path">Zero-based number of the path column.</param>
/// <param name="Label">Zero-based number of the label column.</param>
/// <param name="HasHeader">Whether the first line names the columns.</param>
internal sealed record ManifestColumns(int Path, int Label, bool HasHeader)
{
    // As Plain writes them, so that Image_Paths is among them.
    private static readonly string[] PathHeaders = ["imagepath", "image", "path", "file", "filename", "filepath", "imagename", "imagefile"];
    private static readonly string[] LabelHeaders = ["label", "labelname", "class", "classname", "category", "target"];

    /// <param name="manifest">The text file, for messages.</param>
    /// <param name="line">The number of its first line that is not blank.</param>
    /// <param name="values">The values of that line.</param>
    /// <param name="pathColumn">The header of the path column; null: one of the usual names.</param>
    /// <param name="labelColumn">The header of the label column; null: one of the usual names.</param>
    /// <exception cref="InvalidDataException">A column is not there, or the columns cannot be told.</exception>
    public static ManifestColumns Find(string manifest, int line, string[] values, string? pathColumn, string? labelColumn)
    {
        int path = Index(values, pathColumn, PathHeaders);
        int label = Index(values, labelColumn, LabelHeaders);
        if (path >= 0 && label >= 0)
            return new ManifestColumns(path, label, HasHeader: true);

        string found = $"'{manifest}', line {line}: the column{(values.Length == 1 ? " is" : "s are")} {Quoted(values)}";
        if (pathColumn is not null || labelColumn is not null)
        {
            (string column, string parameter, string? name) =
                path < 0 ? ("path", nameof(pathColumn), pathColumn) : ("label", nameof(labelColumn), labelColumn);
            throw new InvalidDataException(name is null
                ? $"{found}; which of them is the {column}? Name it by {parameter}."
                : $"{found}; there is no '{name}', which {parameter} names. Correct {parameter}.");
        }

        return values.Length == 2
            ? new ManifestColumns(0, 1, HasHeader: false)
            : throw new InvalidDataException(
                $"{found}; which of them are the path and the label? Name them by {nameof(pathColumn)} and {nameof(labelColumn)}, or " +
                "give the file a first line such as ImagePath,Label. Values are separated by tabs, commas or semicolons.");
    }

    public static string Quoted(IEnumerable<string> values) => string.Join(", ", values.Select(value => $"'{value}'"));

    private static int Index(string[] values, string? name, string[] usualNames) => name is null
        ? Array.FindIndex(values, value => usualNames.Contains(Plain(value)))
        : Array.FindIndex(values, value => value.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Letters only, lower case, singular: Image_Paths becomes imagepath.</summary>
    private static string Plain(string header)
    {
        string letters = string.Concat(header.Where(char.IsLetter)).ToLowerInvariant();
        return letters is [.. var singular, 's'] && !letters.EndsWith("ss") ? singular : letters;
    }
}
