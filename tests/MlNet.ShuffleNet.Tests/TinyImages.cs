using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ShuffleNet.Tests;

/// <summary>Images of 16 pixels that are mostly red, green or blue, by their label, with noise.</summary>
internal static class TinyImages
{
    public const int Side = 16;

    public static IDataView Load(MLContext ml, int count, int first = 0) =>
        ml.Data.LoadFromEnumerable(Enumerable.Range(first, count)
            .Select(i => new Row { Label = new[] { "red", "green", "blue" }[i % 3], Features = Pixels(i) }).ToArray());

    private static float[] Pixels(int index)
    {
        var noise = new Random(index);
        return [.. Enumerable.Range(0, 3 * Side * Side).Select(i => noise.NextSingle() + (i / (Side * Side) == index % 3 ? 1 : 0) - 0.8f)];
    }

    public sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(3, Side, Side)]
        public float[] Features { get; set; } = [];
    }
}
