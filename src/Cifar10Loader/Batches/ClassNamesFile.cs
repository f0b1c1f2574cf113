using System.Text;

namespace Cifar10Loader;

/// <summary>The text file beside the batches: one class name a line, in label order.</summary>
internal static class ClassNamesFile
{
    /// <summary>One label byte tells at most 256 classes apart.</summary>
    public const int MaximumClasses = 256;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public static string[] Read(string path)
    {
        try
        {
            string[] lines = File.ReadAllLines(path, StrictUtf8);
            return Check([.. lines.Select(line => line.Trim()).Where(line => line.Length > 0)], path);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"'{path}' is not UTF-8 text. Save the class names as UTF-8.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    public static void Write(string path, IEnumerable<string> names) =>
        File.WriteAllText(path, string.Concat(names.Select(name => name + "\n")) + "\n", StrictUtf8);

    /// <summary>Refuses lists of names that do not tell classes apart.</summary>
    public static string[] Check(string[] names, string source)
    {
        if (names.Length is 0 or > MaximumClasses)
            throw new InvalidDataException($"'{source}' names {names.Length} classes; expected 1 to {MaximumClasses}.");
        return Clash(names) is { } clash ? throw new InvalidDataException($"'{source}' has {clash}") : names;
    }

    /// <summary>The first two names that are the same or differ only in case, in words; null where there are none.</summary>
    public static string? Clash(IEnumerable<string> names)
    {
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in names)
        {
            if (!seen.TryAdd(name, name))
            {
                return $"the classes '{seen[name]}' and '{name}', which " +
                    $"{(seen[name] == name ? "are the same" : "differ only in case")}. Rename one of them.";
            }
        }

        return null;
    }
}
