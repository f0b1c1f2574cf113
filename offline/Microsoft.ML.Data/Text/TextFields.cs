namespace Microsoft.ML.Data;

/// <summary>
/// Splits one line into fields. Spaces before a field are dropped unless the space is a separator; a field in
/// double quotes may hold separators, and a doubled quote inside it stands for one. A field with a quoting error is empty.
/// </summary>
internal sealed class TextFields(char[] separators, bool quoting)
{
    private readonly bool _spaceSeparates = separators.Contains(' ');
    private readonly List<ReadOnlyMemory<char>> _fields = [];

    public int Count => _fields.Count;

    public ReadOnlyMemory<char> this[int index] => _fields[index];

    /// <summary>Splits <paramref name="line"/>, stopping after <paramref name="limit"/> fields; counts the quoting errors.</summary>
    public int Split(ReadOnlyMemory<char> line, int limit)
    {
        _fields.Clear();
        var text = line.Span;
        var errors = 0;
        var position = 0;
        while (_fields.Count < limit)
        {
            while (!_spaceSeparates && position < text.Length && text[position] == ' ')
                position++;

            if (quoting && position < text.Length && text[position] == '"')
            {
                if (!TryReadQuoted(text, ref position, out var value))
                    errors++;
                _fields.Add(value.AsMemory());
            }
            else
            {
                var length = text[position..].IndexOfAny(separators);
                length = length < 0 ? text.Length - position : length;
                _fields.Add(line.Slice(position, length));
                position += length;
            }

            if (position >= text.Length)
                break;
            position++;
        }
        return errors;
    }

    private bool TryReadQuoted(ReadOnlySpan<char> text, ref int position, out string value)
    {
        var builder = new System.Text.StringBuilder();
        var closed = false;
        for (position++; position < text.Length && !closed; position++)
        {
            var isQuote = text[position] == '"';
            var isDoubled = isQuote && position + 1 < text.Length && text[position + 1] == '"';
            closed = isQuote && !isDoubled;
            if (!closed)
                builder.Append(text[position]);
            if (isDoubled)
                position++;
        }

        // Only spaces may stand between the closing quote and the next separator.
        var clean = closed;
        for (; position < text.Length && !separators.Contains(text[position]); position++)
            clean &= text[position] == ' ';

        value = clean ? builder.ToString() : "";
        return clean;
    }
}
