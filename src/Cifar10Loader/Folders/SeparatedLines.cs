using System.Text;

namespace Cifar10Loader;

/// <summary>Reads CSV and TSV lines: quotes as in RFC 4180, but a value ends with its line.</summary>
internal static class SeparatedLines
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The values of each line that is not blank, trimmed, with the line's number from 1.</summary>
    /// <exception cref="InvalidDataException">The text is not UTF-8.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IEnumerable<(int Line, List<string> Values)> Read(string path, ProblemList problems)
    {
        using StreamReader reader = Open(path);
        char? separator = null;
        for (int line = 1; ReadLine(reader, path, line) is { } text; line++)
        {
            if (string.IsNullOrWhiteSpace(text))
                continue;
            separator ??= text.Contains('\t') ? '\t' : ',';
            if (Split(text, separator.Value) is { } values)
                yield return (line, values);
            else
                problems.Add($"line {line}: a quote is not closed, or text follows it");
        }
    }

    private static StreamReader Open(string path)
    {
        try
        {
            return new StreamReader(path, StrictUtf8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    private static string? ReadLine(StreamReader reader, string path, int line)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (DecoderFallbackException e)
        {
            // The reader decodes ahead, so the line is where it had got to, not where the byte is.
            throw new InvalidDataException($"'{path}' is not UTF-8 text (at or after line {line}). Save it as UTF-8.", e);
        }
    }

    /// <summary>The values, or null where the quotes are wrong.</summary>
    private static List<string>? Split(string text, char separator)
    {
        var values = new List<string>();
        for (int at = 0; at <= text.Length;)
        {
            if (at < text.Length && text[at] == '"')
            {
                if (Quoted(text, ref at) is not { } value || (at < text.Length && text[at] != separator))
                    return null;
                values.Add(value);
                at++;
            }
            else
            {
                int end = text.IndexOf(separator, at);
                if (end < 0)
                    end = text.Length;
                values.Add(text[at..end].Trim());
                at = end + 1;
            }
        }

        return values;
    }

    private static string? Quoted(string text, ref int at)
    {
        var value = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"')
                value.Append(text[at]);
            else if (at + 1 < text.Length && text[at + 1] == '"')
                value.Append(text[at++]);
            else
            {
                at++;
                return value.ToString();
            }
        }

        return null;
    }
}
