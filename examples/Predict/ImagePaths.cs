namespace PredictImages;

/// <summary>The files that the arguments name.</summary>
internal static class ImagePaths
{
    private static readonly HashSet<string> Extensions =
        new([".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".ico"], StringComparer.OrdinalIgnoreCase);

    /// <summary>One after the other, as they are asked for; standard input is read line by line.</summary>
    public static IEnumerable<string> Of(IEnumerable<string> arguments, TextReader standardInput) =>
        arguments.SelectMany(argument => argument == "-" ? Lines(standardInput) : [argument]).SelectMany(Expand);

    private static IEnumerable<string> Lines(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
            if (line.Length > 0)
                yield return line;
    }

    // A file that was named is tried whatever its name; of a folder those are taken that look like images.
    private static IEnumerable<string> Expand(string path) => !Directory.Exists(path) ? [path] : Directory
        .EnumerateFiles(path, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })
        .Where(file => Extensions.Contains(Path.GetExtension(file)))
        .Order(StringComparer.Ordinal);
}
