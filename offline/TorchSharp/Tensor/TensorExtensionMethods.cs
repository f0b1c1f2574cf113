using System;
using System.IO;
using System.Linq;
using TorchSharp.Utils;

namespace TorchSharp;

/// <summary>
/// TorchSharp's own tensor format: type, rank and sizes as LEB128 numbers, then the values in row-major order.
/// </summary>
public static class TensorExtensionMethods
{
    private const int MaxRank = 64;

    public static void Save(this torch.Tensor tensor, BinaryWriter writer)
    {
        using torch.Tensor? copy = tensor.device_type == DeviceType.CPU ? null : tensor.cpu();
        torch.Tensor source = copy ?? tensor;
        writer.Encode((long)source.dtype);
        writer.Encode(source.dim());
        foreach (long size in source.shape) writer.Encode(size);
        source.WriteBytesToStream(writer.BaseStream);
    }

    public static void Load(this torch.Tensor tensor, BinaryReader reader, bool skip = false)
    {
        (torch.ScalarType dtype, long[] shape) = ReadHeader(reader);
        if (dtype != tensor.dtype)
            throw new ArgumentException(
                "Mismatched tensor data types while loading. Make sure that the model you are loading into is exactly the same as the origin.");
        Fill(tensor, shape, reader, skip);
    }

    public static torch.Tensor Load(BinaryReader reader, bool skip = false)
    {
        (torch.ScalarType dtype, long[] shape) = ReadHeader(reader);
        torch.Tensor tensor = skip ? torch.zeros(shape, dtype) : torch.empty(shape, dtype);
        Fill(tensor, shape, reader, skip);
        return tensor;
    }

    private static void Fill(torch.Tensor tensor, long[] shape, BinaryReader reader, bool skip)
    {
        if (skip)
        {
            reader.BaseStream.Seek(tensor.numel() * tensor.element_size(), SeekOrigin.Current);
            return;
        }
        if (!shape.SequenceEqual(tensor.shape))
            throw new ArgumentException(
                "Mismatched tensor shape while loading. Make sure that the model you are loading into is exactly the same as the origin.");

        using IDisposable noGrad = torch.no_grad();
        if (tensor.device_type == DeviceType.CPU)
        {
            tensor.ReadBytesFromStream(reader.BaseStream);
            return;
        }
        using torch.Tensor values = torch.empty(shape, tensor.dtype, torch.CPU);
        values.ReadBytesFromStream(reader.BaseStream);
        tensor.copy_(values);
    }

    private static (torch.ScalarType, long[]) ReadHeader(BinaryReader reader)
    {
        long dtype = reader.Decode();
        long rank = reader.Decode();
        if (dtype > sbyte.MaxValue || !Enum.IsDefined((torch.ScalarType)dtype) || rank > MaxRank)
            throw new InvalidDataException($"This is not a saved tensor: type {dtype}, {rank} dimensions.");
        var shape = new long[rank];
        for (int i = 0; i < shape.Length; i++) shape[i] = reader.Decode();
        return ((torch.ScalarType)dtype, shape);
    }
}
