using System;
using System.IO;
using System.Linq;
using TorchSharp.Utils;

namespace TorchSharp;

public static class TensorExtensionMethods
{
    public static void Save(this torch.Tensor tensor, BinaryWriter writer)
    {
        using torch.Tensor? copy = tensor.device_type == DeviceType.CPU ? null : tensor.cpu();
        SavedTensor.WriteHeader(writer, tensor.dtype, tensor.shape);
        writer.Flush();
        (copy ?? tensor).WriteBytesToStream(writer.BaseStream);
    }

    public static torch.Tensor Load(BinaryReader reader, bool skip = false)
    {
        (torch.ScalarType type, long[] shape) = SavedTensor.ReadHeader(reader);
        torch.Tensor tensor = skip ? torch.zeros(shape, type) : torch.empty(shape, type);
        ReadValues(tensor, reader, skip);
        return tensor;
    }

    /// <summary>Reads a saved tensor into one of the same type and shape.</summary>
    public static void Load(this torch.Tensor tensor, BinaryReader reader, bool skip = false)
    {
        (torch.ScalarType type, long[] shape) = SavedTensor.ReadHeader(reader);
        if (type != tensor.dtype)
            throw new ArgumentException($"The saved tensor is of type {type}; the one it is loaded into is {tensor.dtype}.");
        if (!skip && !shape.SequenceEqual(tensor.shape))
        {
            throw new ArgumentException(
                $"The saved tensor has the shape [{string.Join(", ", shape)}]; "
                + $"the one it is loaded into has [{string.Join(", ", tensor.shape)}].");
        }
        ReadValues(tensor, reader, skip);
    }

    private static void ReadValues(torch.Tensor tensor, BinaryReader reader, bool skip)
    {
        if (skip)
        {
            reader.BaseStream.Seek(tensor.numel() * tensor.element_size(), SeekOrigin.Current);
            return;
        }
        if (tensor.device_type == DeviceType.CPU)
        {
            tensor.ReadBytesFromStream(reader.BaseStream);
            return;
        }
        using IDisposable noGrad = torch.no_grad();
        using torch.Tensor values = torch.empty(tensor.shape, tensor.dtype, torch.CPU);
        values.ReadBytesFromStream(reader.BaseStream);
        tensor.copy_(values);
    }
}
