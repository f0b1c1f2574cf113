using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace MlNetCnn.Tests;

/// <summary>Writes files in the safetensors format, good ones and bad ones.</summary>
internal static class SafeTensorsWriter
{
    /// <summary>Writes tensors in the order given.</summary>
    public static void Write(string path, IEnumerable<StoredTensor> tensors)
    {
        var header = new Dictionary<string, object> { ["__metadata__"] = new { format = "pt" } };
        using var data = new MemoryStream();
        foreach (var tensor in tensors)
        {
            var begin = data.Length;
            data.Write(tensor.Data);
            header.Add(tensor.Name, new { dtype = tensor.Type, shape = tensor.Shape, data_offsets = new[] { begin, data.Length } });
        }

        Write(path, JsonSerializer.Serialize(header), data.ToArray());
    }

    /// <summary>Writes a header as it is, and data after it.</summary>
    public static void Write(string path, string header, byte[] data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((ulong)text.Length), .. text, .. data]);
    }
}

internal sealed record StoredTensor(string Name, string Type, long[] Shape, byte[] Data)
{
    /// <summary>A tensor of F64, F32, F16, BF16 or I64 values.</summary>
    public static StoredTensor Of(string name, string type, long[] shape, float[] values) => new(name, type, shape, type switch
    {
        "F64" => Bytes(Array.ConvertAll(values, value => (double)value)),
        "F32" => Bytes(values),
        "F16" => Bytes(Array.ConvertAll(values, value => (Half)value)),
        "BF16" => Bytes(Array.ConvertAll(values, value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))),
        _ => Bytes(Array.ConvertAll(values, value => (long)value)),
    });

    private static byte[] Bytes<T>(T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
