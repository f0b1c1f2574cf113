using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNetCnn.Tests;

/// <summary>What is asked of the networks of every family.</summary>
internal static class NetworkAssert
{
    public static void HasSize(string architecture, int size, int classCount, long parameters, long multiplyAdds)
    {
        using var network = Networks.Create(architecture, size, classCount);
        Assert.AreEqual(new NetworkSummary(parameters, multiplyAdds), NetworkSummary.Of(network));
        Assert.AreEqual(architecture, network.Architecture);
    }

    public static void NeedsImagesOf(int least, string architecture)
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => Networks.Create(architecture, least - 1));
        Assert.Contains($"3x{least - 1}x{least - 1}", error.Message);
        Assert.Contains($"at least {least}", error.Message);
        Networks.Create(architecture, least).Dispose();
    }

    public static void IsRebuiltFromItsNames(string architecture)
    {
        using var network = Networks.CreateFilled(architecture, 32);
        using var images = FormulaWeights.Images(2, 32);
        using var rebuilt = NetworkFamily.Find(network.Family.AssemblyName, network.Family.Name)
            .Create(network.Architecture, network.InputShape, network.ClassCount);
        rebuilt.CopyStateFrom(network);

        Assert.AreEqual(architecture, rebuilt.Architecture);
        CollectionAssert.AreEqual(Networks.Logits(network, images), Networks.Logits(rebuilt, images));
    }

    public static void ScoresTheSameWithFoldedNorms(string architecture, int size)
    {
        using var network = Networks.CreateFilled(architecture, size);
        using var images = FormulaWeights.Images(4, size);
        var expected = Networks.Logits(network, images);
        using var folded = new InferenceNetwork(network, CPU, ScalarType.Float32);

        Assert.IsLessThan(1e-5, Networks.RelativeDifference(expected, Networks.Logits(folded, images)));
        CollectionAssert.AreEqual(expected, Networks.Logits(network, images), "the trained network changed");
    }

    /// <summary>In a type of 16 bits logits stay close and gradients arrive in float32.</summary>
    public static void TrainsIn(ScalarType type, string architecture, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var network = Networks.CreateFilled(architecture, 64);
        var images = FormulaWeights.Images(4, 64);
        var exact = Networks.Logits(network, images);
        var rounded = Networks.Logits(network, images.to_type(type));
        Assert.IsLessThan(tolerance, Networks.RelativeDifference(exact, rounded));

        network.train();
        var logits = network.forward(images.to_type(type));
        nn.functional.cross_entropy(logits, tensor(new long[] { 3, 7, 0, 9 })).backward();
        Assert.AreEqual(ScalarType.Float32, logits.dtype);
        foreach (var (name, parameter) in network.named_parameters())
        {
            Assert.AreEqual(ScalarType.Float32, parameter.grad!.dtype, name);
            Assert.IsTrue(parameter.grad!.contiguous().data<float>().All(float.IsFinite), name);
        }
    }

    /// <summary>Training and disposing leave no tensor behind.</summary>
    public static void CleansUp(string architecture, int parametersAndBuffers)
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (NewDisposeScope())
        {
            using var network = Networks.CreateFilled(architecture, 32);
            network.train();
            Assert.AreEqual(parametersAndBuffers, network.parameters().Count() + network.buffers().Count());
            var beforeStep = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            var images = FormulaWeights.Images(2, 32);
            var logits = network.forward(images);
            // A forward pass leaves only its result: the gradient's needs are held by the result.
            Assert.AreEqual(beforeStep + 2, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            nn.functional.cross_entropy(logits, tensor(new long[] { 3, 7 })).backward();
        }

        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
