namespace MlNet.ImageClassification.Tests;

/// <summary>Weights of the network 'tiny8' that can be told by heart; Golden/torch-files.py writes the same.</summary>
internal static class TinyWeights
{
    public static ClassificationNetwork Create(int classCount = 3) => new TinyFamily().Create("tiny8", new ImageShape(3, 8, 8), classCount);

    /// <summary>Values of few digits, so that every type holds them exactly.</summary>
    public static Dictionary<string, float[]> Values() => new()
    {
        ["conv.weight"] = Eighths(8 * 3 * 3 * 3),
        ["norm.weight"] = Eighths(8),
        ["norm.bias"] = Eighths(8),
        ["norm.running_mean"] = Eighths(8),
        ["norm.running_var"] = Eighths(8),
        ["fc.weight"] = Eighths(24),
        ["fc.bias"] = Eighths(3),
    };

    /// <summary>Checks that a network has them, and has seen 7 batches.</summary>
    public static void AssertIn(ClassificationNetwork network)
    {
        var state = network.state_dict();
        foreach (var (name, values) in Values())
            CollectionAssert.AreEqual(values, state[name].data<float>().ToArray(), name);
        Assert.AreEqual(7, state["norm.num_batches_tracked"].item<long>());
    }

    private static float[] Eighths(int count) => [.. Enumerable.Range(0, count).Select(i => (i % 15 + 1) / 8f)];
}
