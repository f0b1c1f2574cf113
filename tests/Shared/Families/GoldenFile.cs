using System.Text.Json;
using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetCnn.Tests;

/// <summary>The files of the Golden folders that formula.py helped to write, and networks compared with them.</summary>
internal static class GoldenFile
{
    private const double Tolerance = 1e-4;

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", name);

    public static JsonElement Read(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(PathOf(name)));
        return document.RootElement.Clone();
    }

    public static double Difference(JsonElement expected, float[] actual) =>
        Networks.RelativeDifference(Doubles(expected), Array.ConvertAll(actual, value => (double)value));

    /// <summary>Compares the logits of the formula's images.</summary>
    public static void AssertLogits(JsonElement expected, ClassificationNetwork network)
    {
        using var images = FormulaWeights.Images(4, network.InputShape.Width);
        Assert.IsLessThan(Tolerance, Difference(expected, Networks.Logits(network, images)));
    }

    /// <summary>Compares logits, loss and gradients of a training step in float64, which changes the network's buffers.</summary>
    public static void AssertTrainingStep(JsonElement expectedLogits, JsonElement expected, ClassificationNetwork network)
    {
        using var scope = NewDisposeScope();
        network.to(ScalarType.Float64);
        network.train();

        var logits = network.forward(FormulaWeights.Images(4, network.InputShape.Width).to_type(ScalarType.Float64));
        var loss = nn.functional.cross_entropy(logits, tensor(new long[] { 3, 7, 0, 9 }));
        loss.backward();

        AssertClose("logits", expectedLogits, logits);
        Assert.AreEqual(expected.GetProperty("loss").GetDouble(), loss.item<double>(), Tolerance);
        var parameters = network.named_parameters().ToDictionary(entry => entry.Item1, entry => entry.Item2);
        foreach (var gradient in expected.GetProperty("gradients").EnumerateObject())
        {
            var actual = parameters[gradient.Name].grad!;
            var norm = gradient.Value.GetProperty("norm").GetDouble();
            Assert.AreEqual(norm, Math.Sqrt(actual.contiguous().data<double>().Sum(value => value * value)), norm * Tolerance, gradient.Name);
            AssertClose(gradient.Name, gradient.Value.GetProperty("first"), actual);
        }
    }

    /// <summary>Compares the first values of a tensor, in the order of its shape.</summary>
    public static void AssertClose(string name, JsonElement expected, Tensor actual)
    {
        var values = Doubles(expected);
        var difference = Networks.RelativeDifference(values, actual.contiguous().data<double>().Take(values.Length).ToArray());
        Assert.IsLessThan(Tolerance, difference, name);
    }

    private static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetDouble())];
}
