using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// Types, and single values of them, as a binary data view spells them: a type's name, then its parameters.
/// </summary>
internal static class SchemaCodec
{
    private const string VectorName = "VBuffer";
    private const string KeyName = "Key2";
    private const string TextName = "TextSpan";
    private const string Damaged = "The schema in the model file is damaged";

    private static readonly Dictionary<string, PrimitiveDataViewType> s_simpleTypes = new PrimitiveDataViewType[]
    {
        NumberDataViewType.SByte, NumberDataViewType.Byte, NumberDataViewType.Int16, NumberDataViewType.UInt16,
        NumberDataViewType.Int32, NumberDataViewType.UInt32, NumberDataViewType.Int64, NumberDataViewType.UInt64,
        NumberDataViewType.Single, NumberDataViewType.Double, BooleanDataViewType.Instance, TextDataViewType.Instance,
    }.ToDictionary(NameOf);

    public static bool CanWrite(DataViewType type) =>
        ColumnTypeExtensions.PrimitiveTypeOrNull(type.GetItemType().RawType) is not null;

    public static void WriteType(BinaryWriter writer, DataViewType type)
    {
        using var parameters = new MemoryStream();
        using var parameterWriter = new BinaryWriter(parameters, Encoding.UTF8);
        string name;
        if (type is VectorDataViewType vector)
        {
            name = VectorName;
            WriteType(parameterWriter, vector.ItemType);
            parameterWriter.Write(vector.Dimensions.Length);
            foreach (int dimension in vector.Dimensions)
                parameterWriter.Write(dimension);
        }
        else if (type is KeyDataViewType key)
        {
            name = KeyName;
            WriteType(parameterWriter, ColumnTypeExtensions.PrimitiveTypeFromType(key.RawType));
            parameterWriter.Write(key.Count);
        }
        else
        {
            name = NameOf(type);
        }

        writer.Write(name);
        writer.Write7BitEncodedInt((int)parameters.Length);
        writer.Write(parameters.ToArray());
    }

    public static DataViewType ReadType(BinaryReader reader)
    {
        string name = reader.ReadString();
        reader.Read7BitEncodedInt();
        if (name == VectorName)
        {
            var itemType = (PrimitiveDataViewType)ReadType(reader);
            var dimensions = new int[ReadCount(reader, sizeof(int))];
            for (int i = 0; i < dimensions.Length; i++)
                dimensions[i] = reader.ReadInt32();
            return new VectorDataViewType(itemType, dimensions);
        }

        if (name == KeyName)
            return new KeyDataViewType(ReadType(reader).RawType, reader.ReadUInt64());
        Contracts.CheckDecode(
            s_simpleTypes.TryGetValue(name, out var type),
            $"The schema in the model file has a column of the unknown type '{name}'");
        return type;
    }

    public static void WriteValue(
        BinaryWriter writer, DataViewSchema.Annotations annotations, DataViewSchema.Column kind)
    {
        if (kind.Type is VectorDataViewType vector)
            Generic.Call(WriteVector<int>, vector.ItemType.RawType, writer, annotations, kind);
        else
            Generic.Call(WriteScalar<int>, kind.Type.RawType, writer, annotations, kind);
    }

    public static Delegate ReadValue(BinaryReader reader, DataViewType type) =>
        type is VectorDataViewType vector
            ? Generic.Call(ReadVector<int>, vector.ItemType.RawType, reader, vector)
            : Generic.Call(ReadScalar<int>, type.RawType, reader);

    private static string NameOf(DataViewType type) => type is TextDataViewType ? TextName : type.RawType.Name;

    private static object WriteScalar<T>(
        BinaryWriter writer, DataViewSchema.Annotations annotations, DataViewSchema.Column kind)
    {
        T value = default;
        annotations.GetGetter<T>(kind)(ref value);
        WriteItems(writer, [value]);
        return null;
    }

    // The number of vectors, their length, how many items each has (-1: all), the places of those items, the items.
    private static object WriteVector<T>(
        BinaryWriter writer, DataViewSchema.Annotations annotations, DataViewSchema.Column kind)
    {
        VBuffer<T> value = default;
        annotations.GetGetter<VBuffer<T>>(kind)(ref value);
        writer.Write(1);
        writer.Write(value.Length);
        if (value.Length == 0)
            writer.Write(0);
        writer.Write(-1);
        writer.Write(0);
        WriteItems<T>(writer, [.. value.DenseValues()]);
        return null;
    }

    private static Delegate ReadScalar<T>(BinaryReader reader)
    {
        var stored = ReadItems<T>(reader, 1)[0];
        return (ValueGetter<T>)((ref T value) => value = stored);
    }

    private static Delegate ReadVector<T>(BinaryReader reader, VectorDataViewType type)
    {
        Contracts.CheckDecode(reader.ReadInt32() == 1, Damaged);
        int length = reader.ReadInt32();
        // Vectors that differ in length have theirs apart.
        if (length == 0 && !type.IsKnownSize)
            length = reader.ReadInt32();
        int itemCount = reader.ReadInt32();
        var places = new int[ReadCount(reader, sizeof(int))];
        for (int i = 0; i < places.Length; i++)
            places[i] = reader.ReadInt32();
        Contracts.CheckDecode(length >= 0 && itemCount >= -1 && itemCount <= length, Damaged);
        var stored = itemCount < 0
            ? new VBuffer<T>(length, ReadItems<T>(reader, length))
            : new VBuffer<T>(length, itemCount, ReadItems<T>(reader, itemCount), places);
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => stored.CopyTo(ref value));
    }

    private static void WriteItems<T>(BinaryWriter writer, T[] items)
    {
        switch (items)
        {
            case ReadOnlyMemory<char>[] texts:
                WriteTexts(writer, texts);
                break;
            case bool[] flags:
                writer.Write(PackBits(flags));
                break;
            default:
                byte[] bytes = new byte[Buffer.ByteLength(items)];
                Buffer.BlockCopy(items, 0, bytes, 0, bytes.Length);
                writer.Write(bytes);
                break;
        }
    }

    private static T[] ReadItems<T>(BinaryReader reader, int count)
    {
        if (typeof(T) == typeof(ReadOnlyMemory<char>))
            return (T[])(object)ReadTexts(reader, count);
        if (typeof(T) == typeof(bool))
            return (T[])(object)UnpackBits(ReadBytes(reader, (count + 7L) / 8), count);
        byte[] bytes = ReadBytes(reader, (long)count * Buffer.ByteLength(new T[1]));
        var items = new T[count];
        Buffer.BlockCopy(bytes, 0, items, 0, bytes.Length);
        return items;
    }

    // All texts are one string; each ends where the next begins.
    private static void WriteTexts(BinaryWriter writer, ReadOnlyMemory<char>[] texts)
    {
        writer.Write(texts.Length);
        var all = new StringBuilder();
        foreach (var text in texts)
        {
            all.Append(text);
            writer.Write(all.Length);
        }

        writer.Write(all.ToString());
    }

    private static ReadOnlyMemory<char>[] ReadTexts(BinaryReader reader, int count)
    {
        Contracts.CheckDecode(ReadCount(reader, sizeof(int)) == count, Damaged);
        var ends = new int[count];
        for (int i = 0; i < count; i++)
            ends[i] = reader.ReadInt32();
        string all = reader.ReadString();
        var texts = new ReadOnlyMemory<char>[count];
        for (int i = 0; i < count; i++)
        {
            int start = i == 0 ? 0 : ends[i - 1];
            Contracts.CheckDecode(start <= ends[i] && ends[i] <= all.Length, Damaged);
            texts[i] = all.AsMemory(start, ends[i] - start);
        }

        return texts;
    }

    private static byte[] PackBits(bool[] flags)
    {
        byte[] bits = new byte[(flags.Length + 7) / 8];
        for (int i = 0; i < flags.Length; i++)
            if (flags[i])
                bits[i / 8] |= (byte)(1 << (i % 8));
        return bits;
    }

    private static bool[] UnpackBits(byte[] bits, int count)
    {
        var flags = new bool[count];
        for (int i = 0; i < count; i++)
            flags[i] = (bits[i / 8] & (1 << (i % 8))) != 0;
        return flags;
    }

    /// <summary>A number of things that follow, each of at least so many bytes.</summary>
    private static int ReadCount(BinaryReader reader, int size)
    {
        int count = reader.ReadInt32();
        Contracts.CheckDecode(count >= 0 && (long)count * size <= Left(reader), Damaged);
        return count;
    }

    private static byte[] ReadBytes(BinaryReader reader, long count)
    {
        Contracts.CheckDecode(count <= Left(reader), Damaged);
        return reader.ReadBytes((int)count);
    }

    private static long Left(BinaryReader reader) => reader.BaseStream.Length - reader.BaseStream.Position;
}
