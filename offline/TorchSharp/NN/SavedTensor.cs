namespace TorchSharp.Utils;

/// <summary>
/// The form in which TorchSharp saves tensors: type, rank and sizes as LEB128 numbers, then the raw bytes.
/// </summary>
internal static class SavedTensor
{
    public static void Save(this torch.Tensor tensor, BinaryWriter writer)
    {
        using var copy = tensor.device.type == DeviceType.CPU ? null : tensor.cpu();
        writer.Encode((int)tensor.dtype);
        var shape = tensor.shape;
        writer.Encode(shape.Length);
        foreach (var size in shape)
            writer.Encode(size);
        writer.Flush();
        (copy ?? tensor).WriteBytesToStream(writer.BaseStream);
    }

    /// <summary>Reads a saved tensor into one of the same type and shape.</summary>
    public static void Load(this torch.Tensor tensor, BinaryReader reader)
    {
        var (type, shape) = ReadHeader(reader);
        if (type != tensor.dtype)
            throw new ArgumentException($"The saved tensor is of type {type}; the one it is loaded into is {tensor.dtype}.");
        if (!shape.AsSpan().SequenceEqual(tensor.shape))
        {
            throw new ArgumentException(
                $"The saved tensor has the shape [{string.Join(", ", shape)}]; "
                + $"the one it is loaded into has [{string.Join(", ", tensor.shape)}].");
        }
        if (tensor.device.type == DeviceType.CPU)
        {
            tensor.ReadBytesFromStream(reader.BaseStream);
            return;
        }
        using var _ = torch.no_grad();
        using var read = torch.empty(shape, type, torch.CPU);
        read.ReadBytesFromStream(reader.BaseStream);
        tensor.copy_(read);
    }

    public static void Skip(BinaryReader reader)
    {
        var (type, shape) = ReadHeader(reader);
        using var one = torch.empty([1], type, torch.CPU);
        reader.BaseStream.Seek(shape.Aggregate(one.element_size(), (product, size) => product * size), SeekOrigin.Current);
    }

    private static (torch.ScalarType Type, long[] Shape) ReadHeader(BinaryReader reader)
    {
        var type = (torch.ScalarType)reader.Decode();
        var shape = new long[reader.Decode()];
        for (var i = 0; i < shape.Length; i++)
            shape[i] = reader.Decode();
        return (type, shape);
    }

    /// <summary>Writes seven bits a byte, the lowest first; the eighth bit says that more follow.</summary>
    public static void Encode(this BinaryWriter writer, long value) => writer.Write7BitEncodedInt64(value);

    public static long Decode(this BinaryReader reader) => reader.Read7BitEncodedInt64();
}
