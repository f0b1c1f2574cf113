using System.Buffers.Binary;
using System.Collections;
using System.Globalization;
using System.Text;

namespace Cifar10Loader;

/// <summary>
/// Reads Python pickles that consist of numbers, strings, lists, tuples, dictionaries and what a derived class knows of,
/// protocols 0 to 5. A pickle is a program that may call any function; this reader has no means to call one. The few
/// functions that a derived class knows are recognized by name and their result is built there; any other is refused.
/// </summary>
/// <param name="file">The pickle.</param>
/// <param name="kind">What the file should be, for messages.</param>
internal abstract class PickleReader(ByteSource file, string kind)
{
    private static readonly object Mark = new();

    private readonly ByteSource _file = file;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];
    private long _position;

    /// <summary>The value that the pickle holds.</summary>
    /// <exception cref="InvalidDataException">The file is no pickle, is damaged or asks for anything but plain data.</exception>
    protected object? Run()
    {
        while (true)
        {
            var code = (char)ReadByte();
            if (code == '.')
                return Pop<object?>();
            Step(code);
        }
    }

    private void Step(char code)
    {
        switch (code)
        {
            case '\x80': CheckProtocol(ReadByte()); break;
            case '\x95': Skip(8); break; // FRAME: a hint for buffering

            case 'N': Push(null); break;
            case '\x88': Push(true); break;
            case '\x89': Push(false); break;
            case 'I': Push(TextInteger(ReadLine())); break;
            case 'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Read(4))); break;
            case 'K': Push((long)ReadByte()); break;
            case 'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Read(2))); break;
            case 'L': Push(TextInteger(ReadLine().TrimEnd('L'))); break;
            case '\x8a': Push(LittleEndianInteger(ReadByte())); break;
            case 'F': Push(TextNumber(ReadLine())); break;
            case 'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Read(8))); break;

            case 'S': Push(QuotedText(ReadLine())); break;
            case 'V': Push(Unescaped(ReadLine())); break;
            case 'T': Push(ReadBytes(ReadLength(4))); break;
            case 'U': Push(ReadBytes(ReadLength(1))); break;
            case 'B': Push(ReadBytes(ReadLength(4))); break;
            case 'C': Push(ReadBytes(ReadLength(1))); break;
            case '\x8e' or '\x96': Push(ReadBytes(ReadLength(8))); break;
            case 'X': Push(ReadText(ReadLength(4))); break;
            case '\x8c': Push(ReadText(ReadLength(1))); break;
            case '\x8d': Push(ReadText(ReadLength(8))); break;

            case '(': Push(Mark); break;
            case ')': Push(Array.Empty<object?>()); break;
            case 't': Push(PopToMark()); break;
            case '\x85': Push(PopMany(1)); break;
            case '\x86': Push(PopMany(2)); break;
            case '\x87': Push(PopMany(3)); break;
            case ']': Push(new List<object?>()); break;
            case 'l': Push(new List<object?>(PopToMark())); break;
            case 'a': Append(PopMany(1)); break;
            case 'e': Append(PopToMark()); break;
            case '}': Push(new Dictionary<object, object?>()); break;
            case 'd': { object?[] items = PopToMark(); Push(new Dictionary<object, object?>()); SetItems(items); break; }
            case 's': SetItems(PopMany(2)); break;
            case 'u': SetItems(PopToMark()); break;

            case '0': Pop<object?>(); break;
            case '1': PopToMark(); break;
            case '2': { object? top = Pop<object?>(); Push(top); Push(top); break; }

            case 'p': Remember(TextInteger(ReadLine())); break;
            case 'q': Remember(ReadByte()); break;
            case 'r': Remember(ReadLength(4)); break;
            case '\x94': Remember(_memo.Count); break;
            case 'g': Recall(TextInteger(ReadLine())); break;
            case 'h': Recall(ReadByte()); break;
            case 'j': Recall(ReadLength(4)); break;

            case 'c': Push(KnownName(ReadLine(), ReadLine())); break;
            case '\x93': { object?[] name = PopMany(2); Push(KnownName(AsText(name[0]), AsText(name[1]))); break; }
            case 'Q': Push(PersistentValue(Pop<object?>())); break;
            case 'R': { object?[] call = PopMany(2); Push(Result(call[0], call[1])); break; }
            case 'b': { object? state = Pop<object?>(); SetState(Peek(), state); break; }

            default:
                throw Damaged($"has the operation 0x{(int)code:x2} at byte {_position - 1:N0}, which plain data does not need");
        }
    }

    /// <summary>What a name of the pickle stands for; every other name is refused.</summary>
    protected abstract object KnownName(string module, string name);

    /// <summary>What a call would give: the function is what <see cref="KnownName"/> gave.</summary>
    protected abstract object Result(object? function, object? arguments);

    /// <summary>Gives a value that <see cref="Result"/> made its state.</summary>
    protected abstract void SetState(object? target, object? state);

    /// <summary>What the pickle refers to without holding it.</summary>
    protected virtual object PersistentValue(object? id) => throw Damaged($"refers to a value outside of it at byte {_position - 1:N0}");

    /// <summary>Names a function or type for <see cref="KnownName"/> to refuse.</summary>
    protected InvalidDataException Refused(string module, string name, string whatIsRead, string advice) => new(
        $"'{_file.Path}' is refused: the pickle asks for '{module}.{name}' at byte {_position:N0}. {whatIsRead}; nothing of the " +
        $"file was executed. {advice}.");

    /// <summary>For a call of an unknown form.</summary>
    protected InvalidDataException UnknownValue() => Damaged($"builds a value in an unknown way at byte {_position - 1:N0}");

    /// <summary>For a state of an unknown form.</summary>
    protected InvalidDataException UnknownState() => Damaged($"sets a value's state in an unknown way at byte {_position - 1:N0}");

    private void Append(object?[] items)
    {
        if (Peek() is not List<object?> list)
            throw Damaged($"appends to something that is no list at byte {_position - 1:N0}");
        list.AddRange(items);
    }

    private void SetItems(object?[] items)
    {
        if (Peek() is not Dictionary<object, object?> dictionary || items.Length % 2 != 0)
            throw Damaged($"fills something that is no dictionary at byte {_position - 1:N0}");
        for (int i = 0; i < items.Length; i += 2)
        {
            // Python 2 pickled names as bytes, Python 3 as text: one kind of key for both.
            object? key = items[i] is PickledBytes name ? name.Latin1Text() : items[i];
            if (key is null or IList or IDictionary)
                throw Damaged($"has a dictionary key that is no plain value at byte {_position - 1:N0}");
            dictionary[key] = items[i + 1];
        }
    }

    private void Push(object? value) => _stack.Add(value);

    private object? Peek() => _stack.Count > 0 ? _stack[^1] : throw Damaged("takes a value that is not there");

    private T Pop<T>()
    {
        object? top = Peek();
        if (ReferenceEquals(top, Mark))
            throw Damaged("takes a value that is not there");
        _stack.RemoveAt(_stack.Count - 1);
        return (T)top!;
    }

    private object?[] PopMany(int count)
    {
        var values = new object?[count];
        for (int i = count - 1; i >= 0; i--)
            values[i] = Pop<object?>();
        return values;
    }

    private object?[] PopToMark()
    {
        int mark = _stack.LastIndexOf(Mark);
        if (mark < 0)
            throw Damaged("takes values that are not there");
        object?[] values = [.. _stack.Skip(mark + 1)];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }

    private void Remember(long index) => _memo[index] = Peek();

    private void Recall(long index) =>
        Push(_memo.TryGetValue(index, out object? value) ? value : throw Damaged($"recalls value {index}, which it never kept"));

    private byte ReadByte() => _file[_position++];

    private byte[] Read(int count)
    {
        var bytes = new byte[count];
        _file.CopyTo(_position, bytes);
        _position += count;
        return bytes;
    }

    private void Skip(long count) => _position += count;

    private long ReadLength(int bytes)
    {
        Span<byte> little = stackalloc byte[8];
        little.Clear();
        _file.CopyTo(_position, little[..bytes]);
        _position += bytes;
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(little);
        return length <= (ulong)_file.Length
            ? (long)length
            : throw Damaged($"announces {length:N0} bytes at byte {_position:N0}, more than the file has");
    }

    private PickledBytes ReadBytes(long length)
    {
        CheckThere(length);
        var bytes = new PickledBytes(_file, _position, length);
        _position += length;
        return bytes;
    }

    private string ReadText(long length)
    {
        CheckThere(length);
        return Encoding.UTF8.GetString(Read(checked((int)length)));
    }

    private void CheckThere(long length)
    {
        if (length > _file.Length - _position)
            throw Damaged($"ends too early: {length:N0} bytes announced at byte {_position:N0}, {_file.Length - _position:N0} left");
    }

    private string ReadLine()
    {
        var line = new StringBuilder();
        for (byte b = ReadByte(); b != '\n'; b = ReadByte())
            line.Append((char)b);
        return line.ToString();
    }

    /// <summary>A string as Python 2 printed it; none of a CIFAR file needs an escape.</summary>
    private string QuotedText(string line) =>
        line.Length >= 2 && line[0] == line[^1] && line[0] is '\'' or '"' && !line.Contains('\\')
            ? line[1..^1]
            : throw Damaged($"has the string {line}, which is not quoted or has escapes");

    /// <summary>Latin-1 text in which \uXXXX stands for the characters that would break the line, and for all others.</summary>
    private string Unescaped(string line)
    {
        var text = new StringBuilder();
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] != '\\' || i + 1 == line.Length || line[i + 1] is not ('u' or 'U'))
            {
                text.Append(line[i]);
                continue;
            }

            int digits = line[i + 1] == 'u' ? 4 : 8;
            ReadOnlySpan<char> hex = line.AsSpan(i + 2, Math.Min(digits, line.Length - i - 2));
            if (hex.Length < digits
                || !int.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
                || !Rune.TryCreate(code, out Rune character))
            {
                throw Damaged($"has a broken \\u escape at byte {_position:N0}");
            }

            text.Append(character.ToString());
            i += 1 + digits;
        }

        return text.ToString();
    }

    private long TextInteger(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw Damaged($"has '{text}' where a whole number of at most 64 bits is expected");

    private double TextNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw Damaged($"has '{text}' where a number is expected");

    private long LittleEndianInteger(int bytes)
    {
        if (bytes > 8)
            throw Damaged($"has a number of {bytes} bytes; at most 8 are read");
        byte[] digits = Read(bytes);
        long value = bytes > 0 && (digits[^1] & 0x80) != 0 ? -1 : 0;
        for (int i = bytes - 1; i >= 0; i--)
            value = value << 8 | digits[i];
        return value;
    }

    protected IReadOnlyList<long> Numbers(object?[] values) =>
        [.. values.Select(value => value is long number ? number : throw Damaged("has an array shape that is not made of numbers"))];

    protected string AsText(object? value) => value switch
    {
        string text => text,
        PickledBytes text => text.Latin1Text(),
        _ => throw Damaged("has something else where a name is expected"),
    };

    protected byte[] Latin1Bytes(string text)
    {
        foreach (char c in text)
        {
            if (c > 255)
                throw Damaged("has text where bytes are expected");
        }

        return Encoding.Latin1.GetBytes(text);
    }

    private void CheckProtocol(byte protocol)
    {
        if (protocol is < 2 or > 5)
            throw Damaged($"is of pickle protocol {protocol}; 0 to 5 are read");
    }

    protected InvalidDataException Damaged(string what) =>
        new($"'{_file.Path}' {what}: the file is damaged or no {kind}.");
}
