using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharpConformance;

/// <summary>Tensors that python3-torch produced: one file per topic, written by the scripts beside them.</summary>
internal sealed class Golden
{
    private readonly Dictionary<string, Entry> entries;

    private Golden(Dictionary<string, Entry> entries) => this.entries = entries;

    public static Golden Load(string topic)
    {
        string file = Path.Combine(AppContext.BaseDirectory, "Golden", topic + ".json");
        using FileStream stream = File.OpenRead(file);
        return new Golden(JsonSerializer.Deserialize<Dictionary<string, Entry>>(stream)!);
    }

    /// <summary>What follows the prefix in the names that start with it.</summary>
    public IEnumerable<string> Names(string prefix) =>
        entries.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..]);

    /// <summary>A new tensor with the named values.</summary>
    public Tensor this[string name]
    {
        get
        {
            Entry entry = entries[name];
            Tensor tensor = empty(entry.shape, TypeOf(entry.dtype));
            entry.data.CopyTo(tensor.bytes);
            return tensor;
        }
    }

    /// <summary>Fails unless shape and type are equal and every value is within atol + rtol * |expected|.</summary>
    public void AreClose(string name, Tensor actual, double rtol = 1e-5, double atol = 1e-6)
    {
        using Tensor expected = this[name];
        AreClose(expected, actual, rtol, atol, name);
    }

    public static void AreClose(Tensor expected, Tensor actual, double rtol = 1e-5, double atol = 1e-6, string name = "tensor")
    {
        CollectionAssert.AreEqual(expected.shape, actual.shape, $"{name}: shape");
        Assert.AreEqual(expected.dtype, actual.dtype, $"{name}: type");
        double[] wanted = Values(expected), got = Values(actual);
        for (int i = 0; i < wanted.Length; i++)
        {
            bool close = double.IsNaN(wanted[i])
                ? double.IsNaN(got[i])
                : wanted[i] == got[i] || Math.Abs(wanted[i] - got[i]) <= atol + rtol * Math.Abs(wanted[i]);
            Assert.IsTrue(close, $"{name}: value {i} is {got[i]:R}, expected {wanted[i]:R}");
        }
    }

    /// <summary>The values in row-major order, whatever the type.</summary>
    public static double[] Values(Tensor tensor)
    {
        using Tensor detached = tensor.detach();
        using Tensor converted = detached.to(ScalarType.Float64);
        return converted.data<double>().ToArray();
    }

    private static ScalarType TypeOf(string dtype) => dtype switch
    {
        "float32" => ScalarType.Float32,
        "float64" => ScalarType.Float64,
        "float16" => ScalarType.Float16,
        "bfloat16" => ScalarType.BFloat16,
        "int64" => ScalarType.Int64,
        "int32" => ScalarType.Int32,
        "uint8" => ScalarType.Byte,
        "bool" => ScalarType.Bool,
        _ => throw new InvalidDataException($"Golden files hold no type '{dtype}'."),
    };

    private sealed record Entry(string dtype, long[] shape, byte[] data);
}
