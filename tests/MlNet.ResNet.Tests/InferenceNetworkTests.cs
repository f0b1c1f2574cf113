using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ResNet.Tests;

[TestClass]
public sealed class InferenceNetworkTests
{
    [TestMethod]
    [DataRow("resnet18 stem=cifar", 32)]
    [DataRow("resnet18 stem=cifar-pool", 32)]
    [DataRow("resnet50 stem=imagenet", 64)]
    [DataRow("resnet50 v1 stem=cifar", 32)]
    public void Folded_norms_score_as_the_network_they_came_from(string architecture, int size) =>
        NetworkAssert.ScoresTheSameWithFoldedNorms(architecture, size);

    [TestMethod]
    [DataRow("resnet18 stem=cifar", 32)]
    [DataRow("resnet50 stem=imagenet", 64)]
    public void The_classifier_works_on_the_features(string architecture, int size) =>
        NetworkAssert.FeaturesAreWhatTheClassifierSees(architecture, size);

    [TestMethod]
    [DataRow("resnet18 stem=cifar", 32)]
    [DataRow("resnet50 stem=imagenet", 96)]
    public void Heat_maps_are_those_of_the_gradients(string architecture, int size) =>
        NetworkAssert.HeatMapsAreThoseOfTheGradients(architecture, size);

    [TestMethod]
    [DataRow(ScalarType.BFloat16, 0.03)]
    [DataRow(ScalarType.Float16, 0.004)]
    public void In_16_bits_scores_stay_close(ScalarType type, double tolerance)
    {
        using var network = Networks.CreateFilled("resnet18 stem=cifar", 32);
        using var images = FormulaWeights.Images(4, 32);
        using var folded = new InferenceNetwork(network, CPU, type);
        Assert.IsLessThan(tolerance, Networks.RelativeDifference(Networks.Logits(network, images), Networks.Logits(folded, images)));
    }

    [TestMethod]
    public void An_image_scores_the_same_alone_and_in_a_batch()
    {
        using var network = Networks.CreateFilled("resnet50 stem=cifar", 32);
        using var folded = new InferenceNetwork(network, CPU, ScalarType.Float32);
        using var images = FormulaWeights.Images(7, 32);
        var together = Probabilities(folded, images);
        for (var i = 0; i < 7; i++)
        {
            using var image = images.narrow(0, i, 1);
            var alone = Probabilities(folded, image);
            Assert.AreEqual(1, alone.Sum(), 1e-5);
            for (var j = 0; j < 10; j++)
                Assert.AreEqual(alone[j], together[i * 10 + j], 1e-5);
        }
    }

    [TestMethod]
    public void Several_threads_may_score_at_once()
    {
        using var network = Networks.CreateFilled("resnet18", 32);
        using var folded = new InferenceNetwork(network, CPU, ScalarType.Float32);
        var expected = Enumerable.Range(0, 4).Select(Score).ToArray();
        var actual = new float[4][];
        Parallel.For(0, 4, i => actual[i] = Score(i));
        for (var i = 0; i < 4; i++)
            Assert.IsLessThan(1e-5, Networks.RelativeDifference(expected[i], actual[i]));

        float[] Score(int i)
        {
            using var images = FormulaWeights.Images(2, 32, $"images {i}");
            return Networks.Logits(folded, images);
        }
    }

    [TestMethod]
    public void Scoring_and_disposing_leave_no_tensor_behind()
    {
        using var network = Networks.CreateFilled("resnet18", 32);
        using var images = FormulaWeights.Images(2, 32);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var folded = new InferenceNetwork(network, CPU, ScalarType.Float32))
        {
            folded.Probabilities(images).Dispose();
            var scored = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            folded.Probabilities(images).Dispose();
            Assert.AreEqual(scored, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            // 20 convolutions with a bias each, and the classifier's two.
            Assert.AreEqual(before + 42, scored);
        }

        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Images_of_another_size_are_refused()
    {
        using var network = Networks.Create("resnet18", 32);
        using var folded = new InferenceNetwork(network, CPU, ScalarType.Float32);
        using var images = FormulaWeights.Images(1, 40);
        Assert.Contains("made ready for images of 3x32x32; these are [1, 3, 40, 40]", Assert.ThrowsExactly<ArgumentException>(() => folded.Logits(images)).Message);
    }

    /// <summary>Images of 8 pixels come down to 2 and 1, where the 3x3 convolutions are products of whole images.</summary>
    [TestMethod]
    [DataRow("resnet18 stem=cifar", 8)]
    [DataRow("resnet50 stem=cifar", 8)]
    [DataRow("resnet18 stem=imagenet", 32)]
    [DataRow("resnet50 v1 stem=imagenet", 32)]
    public void Tiny_feature_maps_score_as_the_network_they_came_from(string architecture, int size) =>
        NetworkAssert.ScoresTheSameWithFoldedNorms(architecture, size);

    [TestMethod]
    public void Types_that_cannot_score_are_refused()
    {
        using var network = Networks.Create("resnet18", 32);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new InferenceNetwork(network, CPU, ScalarType.Byte)).Message, "not Byte");
    }

    private static float[] Probabilities(InferenceNetwork network, Tensor images)
    {
        using var probabilities = network.Probabilities(images);
        return probabilities.data<float>().ToArray();
    }
}
