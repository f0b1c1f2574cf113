using System.Globalization;
using System.Numerics;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Turns the text of one field into a value.</summary>
/// <returns>False when the text is not such a value; <paramref name="value"/> is then the missing value, or zero.</returns>
internal delegate bool TextParser<T>(ReadOnlyMemory<char> text, out T value);

/// <summary>The text form of every kind of value a text file can hold.</summary>
internal static class TextValue
{
    public static bool TryGetKind(Type type, out DataKind kind)
    {
        var valueType = type == typeof(string) ? typeof(ReadOnlyMemory<char>) : type;
        kind = Enum.GetValues<DataKind>().FirstOrDefault(candidate => candidate.ToType() == valueType);
        return kind != default;
    }

    public static PrimitiveDataViewType TypeOf(DataKind kind) =>
        (Enum.IsDefined(kind) ? ColumnTypeExtensions.PrimitiveTypeOrNull(kind.ToType()) : null)
        ?? throw Contracts.ExceptParam(nameof(TextLoader.Column.DataKind), $"Bad item type: {kind}");

    /// <summary>Text has no missing value, keys have 0 and reals NaN; the other types have none and a bad field is an error.</summary>
    public static bool HasMissing(PrimitiveDataViewType type) =>
        type is KeyDataViewType || type.RawType == typeof(float) || type.RawType == typeof(double);

    public static Delegate ParserOf(PrimitiveDataViewType type, bool emptyIsNaN)
    {
        if (type is KeyDataViewType key)
            return KeyParser(key);
        if (type.RawType == typeof(ReadOnlyMemory<char>))
            return new TextParser<ReadOnlyMemory<char>>(TryParseText);
        if (type.RawType == typeof(bool))
            return new TextParser<bool>(TryParseBoolean);
        if (type.RawType == typeof(float))
            return new TextParser<float>((ReadOnlyMemory<char> text, out float value) => TryParseReal(text.Span, emptyIsNaN, out value));
        if (type.RawType == typeof(double))
            return new TextParser<double>((ReadOnlyMemory<char> text, out double value) => TryParseReal(text.Span, emptyIsNaN, out value));
        if (type.RawType == typeof(sbyte))
            return new TextParser<sbyte>(TryParseInteger);
        if (type.RawType == typeof(byte))
            return new TextParser<byte>(TryParseInteger);
        if (type.RawType == typeof(short))
            return new TextParser<short>(TryParseInteger);
        if (type.RawType == typeof(ushort))
            return new TextParser<ushort>(TryParseInteger);
        if (type.RawType == typeof(int))
            return new TextParser<int>(TryParseInteger);
        if (type.RawType == typeof(uint))
            return new TextParser<uint>(TryParseInteger);
        if (type.RawType == typeof(long))
            return new TextParser<long>(TryParseInteger);
        return new TextParser<ulong>(TryParseInteger);
    }

    private static bool TryParseText(ReadOnlyMemory<char> text, out ReadOnlyMemory<char> value)
    {
        value = text;
        return true;
    }

    private static bool TryParseInteger<T>(ReadOnlyMemory<char> text, out T value)
        where T : IBinaryInteger<T> =>
        T.TryParse(text.Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
        && !text.Span.StartsWith("+");

    private static bool TryParseReal<T>(ReadOnlySpan<char> text, bool emptyIsNaN, out T value)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        if (text.IsWhiteSpace())
        {
            value = emptyIsNaN ? T.NaN : T.Zero;
            return true;
        }
        if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
            return true;
        value = T.NaN;
        return IsMissing(text);
    }

    /// <summary>The ways to write a missing value, in any case.</summary>
    private static bool IsMissing(ReadOnlySpan<char> text) =>
        text is "?" || text.Equals("NaN", StringComparison.OrdinalIgnoreCase)
        || text.Equals("NA", StringComparison.OrdinalIgnoreCase) || text.Equals("N/A", StringComparison.OrdinalIgnoreCase);

    private static bool TryParseBoolean(ReadOnlyMemory<char> text, out bool value)
    {
        var lower = text.Length <= 5 ? text.ToString().ToLowerInvariant() : null;
        value = lower is "t" or "y" or "1" or "+" or "+1" or "yes" or "true";
        return value || lower is "" or "f" or "n" or "0" or "-" or "-1" or "no" or "false";
    }

    /// <summary>A key column's text counts from 0, its values from 1: field "0" is key 1.</summary>
    private static Delegate KeyParser(KeyDataViewType key)
    {
        if (key.RawType == typeof(byte))
            return new TextParser<byte>(TryParse);
        if (key.RawType == typeof(ushort))
            return new TextParser<ushort>(TryParse);
        if (key.RawType == typeof(uint))
            return new TextParser<uint>(TryParse);
        return new TextParser<ulong>(TryParse);

        bool TryParse<T>(ReadOnlyMemory<char> text, out T value)
            where T : IBinaryInteger<T>
        {
            value = T.Zero;
            if (text.IsEmpty || IsMissing(text.Span))
                return true;
            if (!ulong.TryParse(text.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= key.Count)
                return false;
            value = T.CreateChecked(index + 1);
            return true;
        }
    }
}
