namespace MlNet.ImageClassification.Tests;

/// <summary>The network 'tiny8' on one image, computed loop by loop from its weights.</summary>
internal static class TinyByHand
{
    private const int Side = TinyImages.Side;
    private const int Plane = Side * Side;
    private const double Epsilon = 1e-5;

    /// <summary>The maps after ReLU, [map][pixel].</summary>
    /// <param name="state">The weights by name.</param>
    /// <param name="image">Planar, as the network sees it.</param>
    public static double[][] Maps(Func<string, float[]> state, double[] image)
    {
        var (kernel, scale, shift) = (state("conv.weight"), state("norm.weight"), state("norm.bias"));
        var (mean, variance) = (state("norm.running_mean"), state("norm.running_var"));
        return [.. Enumerable.Range(0, scale.Length).Select(map => Enumerable.Range(0, Plane).Select(pixel =>
            Math.Max(0, (Window(map, pixel / Side, pixel % Side) - mean[map]) / Math.Sqrt(variance[map] + Epsilon) * scale[map] + shift[map])).ToArray())];

        double Window(int map, int row, int column)
        {
            double sum = 0;
            for (int channel = 0; channel < 3; channel++)
                for (int y = Math.Max(0, row - 1); y <= Math.Min(Side - 1, row + 1); y++)
                    for (int x = Math.Max(0, column - 1); x <= Math.Min(Side - 1, column + 1); x++)
                        sum += image[channel * Plane + y * Side + x] * kernel[map * 27 + channel * 9 + (y - row + 1) * 3 + x - column + 1];
            return sum;
        }
    }

    /// <summary>The average of each map.</summary>
    public static double[] Features(Func<string, float[]> state, double[] image) => [.. Maps(state, image).Select(map => map.Average())];

    /// <summary>The logits of features.</summary>
    public static double[] Logits(Func<string, float[]> state, IReadOnlyList<double> features)
    {
        var (weight, bias) = (state("fc.weight"), state("fc.bias"));
        return [.. bias.Select((b, c) => b + features.Select((feature, i) => weight[c * features.Count + i] * feature).Sum())];
    }

    /// <summary>The heat of a class at each pixel, by the weights of the classifier; 1 at the hottest.</summary>
    public static double[] Heat(Func<string, float[]> state, double[] image, int classIndex)
    {
        var (maps, weight) = (Maps(state, image), state("fc.weight"));
        double[] heat = [.. Enumerable.Range(0, Plane).Select(
            pixel => Math.Max(0, maps.Select((map, i) => weight[classIndex * maps.Length + i] * map[pixel]).Sum()))];
        double highest = heat.Max();
        return [.. heat.Select(value => highest > 0 ? value / highest : 0)];
    }

    public static Func<string, float[]> StateOf(ImageClassificationTransformer model) => name =>
    {
        using var values = model.Weights.ToTensor(name);
        return values.data<float>().ToArray();
    };
}
