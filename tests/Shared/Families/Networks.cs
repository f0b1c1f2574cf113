using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetCnn.Tests;

/// <summary>Networks of the family that a project tests; the project's Networks.cs names it.</summary>
internal static partial class Networks
{
    public static ClassificationNetwork Create(string architecture, int size, int classCount = 10, int channels = 3) =>
        Family.Create(architecture, new ImageShape(channels, size, size), classCount);

    public static ClassificationNetwork CreateFilled(string architecture, int size)
    {
        var network = Create(architecture, size);
        FormulaWeights.Fill(network);
        return network;
    }

    public static float[] Logits(ClassificationNetwork network, Tensor images)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        network.eval();
        return network.forward(images).data<float>().ToArray();
    }

    public static float[] Logits(InferenceNetwork network, Tensor images)
    {
        using var logits = network.Logits(images);
        return logits.data<float>().ToArray();
    }

    /// <summary>The largest difference, in parts of the largest expected value.</summary>
    public static double RelativeDifference(IReadOnlyList<double> expected, IReadOnlyList<double> actual)
    {
        Assert.HasCount(expected.Count, actual);
        return expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max() / expected.Max(Math.Abs);
    }

    public static double RelativeDifference(float[] expected, float[] actual) =>
        RelativeDifference(Array.ConvertAll(expected, value => (double)value), Array.ConvertAll(actual, value => (double)value));
}
