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

    /// <summary>The share of the learning rate that each parameter, by its name, has when each stage has a share of the next one's.</summary>
    public static Dictionary<string, double> LayerRates(ClassificationNetwork network, double layerDecay)
    {
        var names = network.named_parameters().ToDictionary(entry => entry.parameter.Handle, entry => entry.name);
        var rates = ParameterGroup.Of(network, backboneRate: 1, layerDecay)
            .SelectMany(group => group.Parameters.Select(parameter => (names[parameter.Handle], group.RateFactor))).ToDictionary();
        CollectionAssert.AreEquivalent(names.Values, rates.Keys);
        return rates;
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
        using var first = images.narrow(0, 0, 1);
        var ofFirst = expected[..(expected.Length / 4)];

        // Several images and one have their weights in different orders, and the second comes from the first.
        foreach (bool oneFirst in new[] { false, true })
        {
            using var folded = new InferenceNetwork(network, CPU, ScalarType.Float32);
            foreach (bool one in new[] { oneFirst, !oneFirst, oneFirst })
                Assert.IsLessThan(
                    1e-5, Networks.RelativeDifference(one ? ofFirst : expected, Networks.Logits(folded, one ? first : images)), $"one {one}, at first {oneFirst}");
        }
        CollectionAssert.AreEqual(expected, Networks.Logits(network, images), "the trained network changed");
    }

    /// <summary>
    /// On the device of the tests a training step has the logits, loss, gradients and statistics that the CPU finds in float64, and the
    /// network that scores there has its logits. Differences are in parts of the largest value, of gradients in parts of their length: a
    /// rounding error of float32 turns the sign of a few of the values before each ReLU, and with it their gradient from all to nothing.
    /// </summary>
    public static void ComputesOnTheDeviceWhatTheCpuFindsInFloat64(string architecture, int size)
    {
        using var scope = NewDisposeScope();
        using var exact = Networks.CreateFilled(architecture, size);
        using var scoring = new InferenceNetwork(exact, TestDevice.Torch, ScalarType.Float32);
        var images = FormulaWeights.Images(8, size);
        exact.to(ScalarType.Float64).eval();
        AssertClose("scores", exact.forward(images.to_type(ScalarType.Float64)), scoring.Logits(images), 1e-4);

        var (expectedLogits, expectedLoss) = Step(exact, images.to_type(ScalarType.Float64));
        var length = Math.Sqrt(exact.parameters().Sum(parameter => Math.Pow(Length(parameter.grad!), 2)));
        foreach (var (type, tolerance, ofGradients) in new[] { (ScalarType.Float64, 1e-9, 1e-9), (ScalarType.Float32, 1e-4, 0.03) })
        {
            using var network = Networks.CreateFilled(architecture, size);
            network.to(TestDevice.Torch, type);
            var (logits, loss) = Step(network, images.to(type, TestDevice.Torch));
            AssertClose("logits", expectedLogits, logits, tolerance);
            AssertClose("loss", expectedLoss, loss, tolerance);
            foreach (var ((name, expected), (_, actual)) in exact.named_buffers().Zip(network.named_buffers()))
                AssertClose(name, expected, actual, tolerance);
            // A bias before a batch norm has no gradient but rounding errors: those are in parts of all gradients.
            foreach (var ((name, expected), (_, actual)) in exact.named_parameters().Zip(network.named_parameters()))
                Assert.IsLessThan(
                    ofGradients, Length(expected.grad! - actual.grad!.cpu()) / (Length(expected.grad!) + 1e-3 * length), $"{name} in {type}");
        }

        static double Length(Tensor values) => values.norm().item<double>();

        static (Tensor Logits, Tensor Loss) Step(ClassificationNetwork network, Tensor images)
        {
            network.train();
            var logits = network.forward(images);
            var loss = nn.functional.cross_entropy(logits, tensor(new long[] { 3, 7, 0, 9, 1, 2, 3, 4 }, device: images.device));
            loss.backward();
            return (logits, loss);
        }

        static void AssertClose(string name, Tensor expected, Tensor actual, double tolerance)
        {
            CollectionAssert.AreEqual(expected.shape, actual.shape, name);
            var difference = (expected - actual.cpu()).abs().max() / expected.abs().max();
            Assert.IsLessThan(tolerance, difference.to_type(ScalarType.Float64).item<double>(), name);
        }
    }

    /// <summary>The classifier applied by hand to the features gives the logits.</summary>
    public static void FeaturesAreWhatTheClassifierSees(string architecture, int size)
    {
        using var scope = NewDisposeScope();
        using var network = Networks.CreateFilled(architecture, size);
        var images = FormulaWeights.Images(2, size);
        using var folded = new InferenceNetwork(network, CPU, ScalarType.Float32);
        var features = folded.Features(images);
        var (weight, bias) = (network.Classifier.Weight.detach().data<float>().ToArray(), network.Classifier.parameters().Single(p => p.dim() == 1).detach().data<float>().ToArray());
        int count = (int)features.shape[1];
        var values = features.data<float>().ToArray();
        var byHand = Enumerable.Range(0, 2).SelectMany(image => Enumerable.Range(0, bias.Length).Select(
            c => (float)(bias[c] + Enumerable.Range(0, count).Sum(f => (double)weight[c * count + f] * values[image * count + f])))).ToArray();
        Assert.IsLessThan(1e-5, Networks.RelativeDifference(Networks.Logits(folded, images), byHand));
    }

    /// <summary>
    /// The heat maps of the network that scores are Grad-CAM's as its paper defines them, with the gradients that autograd finds in the
    /// network as it was trained: equations 1 and 2.
    /// </summary>
    public static void HeatMapsAreThoseOfTheGradients(string architecture, int size)
    {
        using var scope = NewDisposeScope();
        using var network = Networks.CreateFilled(architecture, size);
        network.eval();
        var images = FormulaWeights.Images(3, size);
        var (maps, logits) = network.MapsAndLogits(images);
        using var folded = new InferenceNetwork(network, CPU, ScalarType.Float32);
        int hot = 0;
        for (int c = 0; c < network.ClassCount; c++)
        {
            var gradient = autograd.grad([logits.select(1, c).sum()], [maps], retain_graph: true)[0];
            var expected = (gradient.mean([2, 3], keepdim: true) * maps.detach()).sum(1).relu();
            var classes = full([3], c, ScalarType.Int64);
            AssertClose(expected, ClassHeatMaps.Of(maps.detach(), network.Classifier.Weight, classes), expected.max().item<float>() + 1e-12);
            hot += expected.max().item<float>() > 0 ? 1 : 0;

            var (shown, heat) = folded.HeatMaps(images, c);
            CollectionAssert.AreEqual(new long[] { c, c, c }, shown.data<long>().ToArray());
            AssertClose(ClassHeatMaps.Enlarge(expected, size, size), heat, scale: 1);
        }
        Assert.IsGreaterThan(0, hot, "no class has any heat");

        var (predicted, heatOfPredicted) = folded.HeatMaps(images, classIndex: null);
        CollectionAssert.AreEqual(logits.argmax(1).data<long>().ToArray(), predicted.data<long>().ToArray());
        for (int i = 0; i < 3; i++)
            AssertClose(folded.HeatMaps(images, (int)predicted[i].item<long>()).Heat[i], heatOfPredicted[i], scale: 1);

        static void AssertClose(Tensor expected, Tensor actual, double scale)
        {
            CollectionAssert.AreEqual(expected.shape, actual.shape);
            Assert.IsLessThan(1e-4 * scale, (expected - actual).abs().max().item<float>());
        }
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
