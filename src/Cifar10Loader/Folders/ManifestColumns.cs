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
        int[] paths = Matches(values, pathColumn, PathHeaders);
        int[] labels = Matches(values, labelColumn, LabelHeaders);
        string found = $"'{manifest}', line {line}: the column{(values.Length == 1 ? " is" : "s are")} {Quoted(values)}";
        if (pathColumn is not null || labelColumn is not null || (paths.Length > 0 && labels.Length > 0))
        {
            return new ManifestColumns(
                Single(paths, "path", nameof(pathColumn), pathColumn),
                Single(labels, "label", nameof(labelColumn), labelColumn),
                HasHeader: true);
        }

        return values.Length == 2
            ? new ManifestColumns(0, 1, HasHeader: false)
            : throw new InvalidDataException(
                $"{found}; which of them are the path and the label? Name them by {nameof(pathColumn)} and {nameof(labelColumn)}, or " +
                "give the file a first line such as ImagePath,Label. Values are separated by tabs, commas or semicolons.");

        int Single(int[] matches, string what, string parameter, string? name) => (matches, name) switch
        {
            ([var match], _) => match,
            ([], not null) => throw new InvalidDataException(
                $"{found}; there is no '{name}', which {parameter} names. Correct {parameter}."),
            _ => throw new InvalidDataException($"{found}; which of them is the {what}? Name it by {parameter}."),
        };
    }

    private static string Quoted(IEnumerable<string> values) => string.Join(", ", values.Select(value => $"'{value}'"));

    private static int[] Matches(string[] values, string? name, string[] usualNames) =>
        [.. values.Index()
            .Where(column =>
                name?.Equals(column.Item, StringComparison.OrdinalIgnoreCase) ?? usualNames.Contains(Plain(column.Item)))
            .Select(column => column.Index)];

    /// <summary>Letters only, lower case, singular: Image_Paths becomes imagepath.</summary>
    private static string Plain(string header)
    {
        string letters = string.Concat(header.Where(char.IsLetter)).ToLowerInvariant();
        return letters is [.. var singular, 's'] && !letters.EndsWith("ss") ? singular : letters;
    }
}
