using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ShuffleNet.Tests;

[TestClass]
public sealed class NetworkTests
{
    [TestMethod]
    [DataRow(28, "cifar")]
    [DataRow(48, "cifar")]
    [DataRow(49, "strided")]
    [DataRow(96, "strided")]
    [DataRow(97, "imagenet")]
    [DataRow(224, "imagenet")]
    public void The_stem_follows_the_image_size_unless_chosen(int size, string stem)
    {
        using var chosen = Networks.Create("shufflenetv1", size);
        Assert.AreEqual($"shufflenetv1 g3 1x stem={stem} shuffle=paper", chosen.Architecture);
    }

    [TestMethod]
    [DataRow("shufflenetv1 g3 0.25x stem=cifar", 32)]
    [DataRow("shufflenetv1 g1 0.25x stem=strided", 64)]
    public void The_classifier_works_on_the_features(string architecture, int size) =>
        NetworkAssert.FeaturesAreWhatTheClassifierSees(architecture, size);

    [TestMethod]
    [DataRow("shufflenetv1 g3 0.25x stem=cifar", 32)]
    [DataRow("shufflenetv1 g1 0.25x stem=strided", 64)]
    public void Heat_maps_are_those_of_the_gradients(string architecture, int size) =>
        NetworkAssert.HeatMapsAreThoseOfTheGradients(architecture, size);

    [TestMethod]
    [DataRow("shufflenetv1 g3 0.25x stem=cifar", 32)]
    [DataRow("shufflenetv1 g8 1x stem=strided", 64)]
    public void The_device_of_the_tests_computes_what_the_CPU_finds_in_float64(string architecture, int size) =>
        NetworkAssert.ComputesOnTheDeviceWhatTheCpuFindsInFloat64(architecture, size);

    [TestMethod]
    public void Maps_whose_groups_were_computed_apart_give_the_same_logits()
    {
        using var scope = NewDisposeScope();
        using var network = Networks.CreateFilled("shufflenetv1 g3 0.25x stem=cifar", 32);
        var images = FormulaWeights.Images(2, 32).to_type(ScalarType.BFloat16);
        using var noGrad = no_grad();
        network.eval();
        var (maps, logits) = network.MapsAndLogits(images);
        Assert.AreEqual(network.Classifier.Weight.shape[1], maps.shape[1]);
        Assert.IsLessThan(0.01, Networks.RelativeDifference(Networks.Logits(network, images), logits.data<float>().ToArray()));
    }

    [TestMethod]
    public void Each_stage_learns_at_its_share_of_the_next_ones_rate()
    {
        using var network = Networks.Create("shufflenetv1", 32);

        var rates = NetworkAssert.LayerRates(network, layerDecay: 0.5);

        // Stages 2, 3 and 4 have 4, 8 and 4 units.
        foreach (var (name, rate) in rates)
            Assert.AreEqual(
                name.Split('.') switch
                {
                    ["classifier", ..] => 1,
                    ["features", var unit, ..] => int.Parse(unit) switch { >= 12 => 0.5, >= 4 => 0.25, _ => 0.125 },
                    _ => 0.0625,
                },
                rate, name);
    }

    [TestMethod]
    [DataRow(1, new[] { "0.25x", "0.5x", "1x", "1.5x", "2x" })]
    [DataRow(2, new[] { "1x", "2x" })]
    [DataRow(3, new[] { "0.25x", "0.5x", "1x", "1.5x", "2x" })]
    [DataRow(4, new[] { "1x", "2x" })]
    [DataRow(8, new[] { "0.25x", "0.5x", "1x", "1.5x", "2x" })]
    public void Every_group_size_and_stem_gives_logits_that_depend_on_the_image(int groups, string[] widths)
    {
        using var images = FormulaWeights.Images(2, 32);
        foreach (var width in widths)
        {
            foreach (var stem in new[] { "imagenet", "strided", "cifar" })
            {
                using var network = Networks.CreateFilled($"shufflenetv1 g{groups} {width} stem={stem}", 32);
                var logits = Networks.Logits(network, images);
                Assert.HasCount(20, logits);
                Assert.IsTrue(logits.All(float.IsFinite), network.Architecture);
                CollectionAssert.AreNotEqual(logits[..10], logits[10..], network.Architecture);
            }
        }
    }

    [TestMethod]
    public void With_fresh_weights_every_unit_of_stride_1_starts_as_its_shortcut()
    {
        using var network = Networks.Create("shufflenetv1", 32);
        network.Initialize(1);
        var scales = network.state_dict().Where(entry => entry.Value.dim() == 1 && entry.Key.EndsWith(".weight"))
            .ToDictionary(entry => entry.Key, entry => entry.Value.data<float>().Distinct().Single());

        var zero = Enumerable.Range(0, 16).Except([0, 4, 12]).Select(unit => $"features.{unit}.branch_main_2.1.weight").ToArray();
        CollectionAssert.AreEquivalent(zero, scales.Where(scale => scale.Value == 0).Select(scale => scale.Key).ToArray());
        Assert.AreEqual(49 - 13, scales.Values.Count(scale => scale == 1));
    }

    [TestMethod]
    public void A_network_is_rebuilt_from_the_names_it_is_saved_under()
    {
        NetworkAssert.IsRebuiltFromItsNames("shufflenetv1 g8 0.5x stem=strided shuffle=authors");
        Assert.AreEqual(("MlNet.ShuffleNet", "ShuffleNetV1"), (Networks.Family.AssemblyName, Networks.Family.Name));
    }

    [TestMethod]
    [DataRow("shufflenetv1 g3 1x stem=cifar", 32)]
    [DataRow("shufflenetv1 g8 0.5x stem=strided", 32)]
    [DataRow("shufflenetv1 g1 1x stem=imagenet", 64)]
    public void Folded_norms_score_as_the_network_they_came_from(string architecture, int size) =>
        NetworkAssert.ScoresTheSameWithFoldedNorms(architecture, size);

    [TestMethod]
    public void Grey_images_and_images_that_are_not_square_pass()
    {
        using var network = new ShuffleNetFamily().Create("shufflenetv1 g2", new ImageShape(1, 32, 40), 5);
        network.Initialize(1);
        using var images = zeros([2, 1, 32, 40]);
        Assert.HasCount(10, Networks.Logits(network, images));
    }

    [TestMethod]
    // bfloat16 keeps 8 bits, float16 11: rounding errors of 1/256 and 1/2048 that add up over 50 layers.
    [DataRow(ScalarType.BFloat16, 0.05)]
    [DataRow(ScalarType.Float16, 0.006)]
    public void In_16_bits_logits_stay_close_and_gradients_arrive_in_float32(ScalarType type, double tolerance) =>
        NetworkAssert.TrainsIn(type, "shufflenetv1 g3 1x stem=strided", tolerance);

    [TestMethod]
    public void Training_and_disposing_leave_no_tensor_behind() =>
        // 49 convolutions, their norms of five tensors each, and the classifier's two.
        NetworkAssert.CleansUp("shufflenetv1", parametersAndBuffers: 49 + 49 * 5 + 2);
}
