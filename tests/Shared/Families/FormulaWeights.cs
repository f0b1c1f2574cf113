using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetCnn.Tests;

/// <summary>Weights and images that any program can compute: the same arithmetic as in the Python scripts of the Golden folders.</summary>
internal static class FormulaWeights
{
    /// <summary>Values in [-1, 1): splitmix64 started at the FNV-1a hash of the name.</summary>
    public static float[] Values(string name, long count)
    {
        var values = new float[count];
        var state = Encoding.UTF8.GetBytes(name).Aggregate(0xCBF29CE484222325UL, (hash, b) => (hash ^ b) * 0x100000001B3UL);
        for (var i = 0L; i < count; i++)
        {
            var z = state += 0x9E3779B97F4A7C15UL;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            z ^= z >> 31;
            values[i] = (float)((z >> 40) / (double)(1 << 23) - 1);
        }

        return values;
    }

    public static Tensor Images(int count, int size, string name = "images") =>
        tensor(Values(name, (long)count * 3 * size * size), [count, 3, size, size]);

    public static void Fill(nn.Module network)
    {
        using var noGrad = no_grad();
        foreach (var (name, target) in network.state_dict())
        {
            if (name.EndsWith("num_batches_tracked"))
                continue;

            using var values = Weights(name, target.shape);
            target.copy_(values);
        }
    }

    private static Tensor Weights(string name, long[] shape)
    {
        Func<double, double> weight = (shape.Length, name) switch
        {
            (4, _) => Times(Math.Sqrt(6.0 / (shape[0] * shape[2] * shape[3]))),
            (2, _) => Times(Math.Sqrt(1.0 / shape[1])),
            (_, var n) when n.EndsWith("running_var") => value => 1 + 0.5 * Math.Abs(value),
            (_, var n) when n.EndsWith("weight") => value => 1 + 0.1 * value,
            _ => Times(0.1),
        };
        return tensor(Array.ConvertAll(Values(name, shape.Aggregate(1L, (product, size) => product * size)), value => (float)weight(value)), shape);

        static Func<double, double> Times(double factor) => value => value * factor;
    }
}
