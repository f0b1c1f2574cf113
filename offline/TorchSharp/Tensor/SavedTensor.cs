using System;
using System.IO;
using System.Linq;

namespace TorchSharp.Utils;

/// <summary>
/// The form in which TorchSharp saves tensors: type, rank and sizes as LEB128 numbers, then the raw bytes.
/// </summary>
internal static class SavedTensor
{
    private const int MaxRank = 64;

    public static void WriteHeader(BinaryWriter writer, torch.ScalarType type, long[] shape)
    {
        writer.Encode((long)type);
        writer.Encode(shape.Length);
        foreach (long size in shape) writer.Encode(size);
    }

    public static (torch.ScalarType Type, long[] Shape) ReadHeader(BinaryReader reader)
    {
        long type = reader.Decode(), rank = reader.Decode();
        if (type is < 0 or > sbyte.MaxValue || !Enum.IsDefined((torch.ScalarType)type) || rank is < 0 or > MaxRank)
            throw new InvalidDataException($"This is not a saved tensor: type {type}, {rank} dimensions.");
        var shape = new long[rank];
        for (int i = 0; i < shape.Length; i++)
        {
            shape[i] = reader.Decode();
            if (shape[i] < 0) throw new InvalidDataException($"This is not a saved tensor: a dimension of {shape[i]}.");
        }
        return ((torch.ScalarType)type, shape);
    }

    public static void Skip(BinaryReader reader)
    {
        (torch.ScalarType type, long[] shape) = ReadHeader(reader);
        using torch.Tensor one = torch.empty([1], type, torch.CPU);
        reader.BaseStream.Seek(shape.Aggregate(one.element_size(), (product, size) => product * size), SeekOrigin.Current);
    }

    /// <summary>Writes seven bits a byte, the lowest first; the eighth bit says that more follow.</summary>
    public static void Encode(this BinaryWriter writer, long value) => writer.Write7BitEncodedInt64(value);

    public static long Decode(this BinaryReader reader) => reader.Read7BitEncodedInt64();
}
