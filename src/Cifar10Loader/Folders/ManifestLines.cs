using System.Text;
using CsvHelper;

namespace Cifar10Loader;

/// <summary>Reads the lines of a CSV or TSV file: quotes as in RFC 4180, but a value ends with its line.</summary>
internal static class ManifestLines
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The values of each line that is not blank, with the line's number from 1.</summary>
    /// <exception cref="InvalidDataException">The text is not UTF-8.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IEnumerable<(int Line, string[] Values)> Read(string path, ProblemList problems)
    {
        byte[] text = ReadText(path);
        long malformed = 0;
        using var reader = CsvReader.Create(text, new CsvReaderOptions
        {
            HasHeader = false,
            Separator = Separator(text),
            TrimWhitespace = true,
            AllowLineBreaksInQuotes = false,
            TrackLineNumbers = true,

            // A quote inside a value that is not quoted, as in 5", stands for itself.
            OnMalformedRecord = record => malformed = record.Reason == CsvMalformedReason.StrayQuote ? malformed : record.LineNumber,
        });
        while (reader.Read())
        {
            if (reader.LineNumber == malformed)
                problems.Add($"line {malformed}: a quote is not closed, or text follows it");
            else
                yield return ((int)reader.LineNumber, [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)]);
        }
    }

    private static byte[] ReadText(string path)
    {
        byte[] text = [];
        try
        {
            text = File.ReadAllBytes(path);

            // CsvReader decodes what says by its byte order mark that it is UTF-16, as Excel's "Unicode text".
            if (!text.AsSpan().StartsWith<byte>([0xff, 0xfe]) && !text.AsSpan().StartsWith<byte>([0xfe, 0xff]))
                StrictUtf8.GetCharCount(text);
            return text;
        }
        catch (DecoderFallbackException e)
        {
            int line = 1 + text.AsSpan(0, e.Index).Count((byte)'\n');
            throw new InvalidDataException($"'{path}' is not UTF-8 text: line {line} has the byte 0x{text[e.Index]:x2}. Save it as UTF-8.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    private static char Separator(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t\r\n"u8);
        ReadOnlySpan<byte> line = text.IndexOf((byte)'\n') is >= 0 and var end ? text[..end] : text;
        return line.Contains((byte)'\t') ? '\t' : line.Contains((byte)',') || !line.Contains((byte)';') ? ',' : ';';
    }
}
