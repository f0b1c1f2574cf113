using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ResNet.Tests;

[TestClass]
public sealed class TrainingNetworkTests
{
    [TestMethod]
    [DataRow(28, "cifar")]
    [DataRow(48, "cifar")]
    [DataRow(49, "cifar-pool")]
    [DataRow(96, "cifar-pool")]
    [DataRow(97, "imagenet")]
    [DataRow(224, "imagenet")]
    public void The_stem_follows_the_image_size_unless_chosen(int size, string stem)
    {
        using var chosen = Networks.Create("resnet18", size);
        Assert.AreEqual($"resnet18 v1.5 stem={stem}", chosen.Architecture);
    }

    [TestMethod]
    public void A_network_is_rebuilt_from_the_names_it_is_saved_under()
    {
        NetworkAssert.IsRebuiltFromItsNames("resnet18 v1 stem=cifar zero-init-residual");
        using var ofFirstVersion = Networks.Create("resnet18 v1 stem=cifar zero-last-norm", 32);
        Assert.AreEqual("resnet18 v1 stem=cifar zero-init-residual", ofFirstVersion.Architecture);
        Assert.AreEqual(("MlNet.ResNet", "ResNet"), (Networks.Family.AssemblyName, Networks.Family.Name));
    }

    [TestMethod]
    public void Fresh_weights_are_spread_as_kaiming_and_the_classifiers_uniformly()
    {
        using var network = Networks.Create("resnet18", 32);
        network.Initialize(1);
        var state = network.state_dict();

        // 3x3 windows, 512 channels out: variance 2 / (9 x 512); 2.4 million samples give the deviation to 0.2 %.
        AssertSpread(0, Math.Sqrt(2.0 / (9 * 512)), 0.002, state["layer4.1.conv2.weight"]);
        // Uniform in +-1/sqrt(512) has the deviation 1/sqrt(3 x 512).
        AssertSpread(0, 1 / Math.Sqrt(3 * 512), 0.05, state["fc.weight"]);
        Assert.IsLessThanOrEqualTo(1 / Math.Sqrt(512), Values(state["fc.weight"]).Concat(Values(state["fc.bias"])).Max(Math.Abs));
        AssertSpread(1, 0, 0, state["layer1.0.bn2.weight"]);
        AssertSpread(0, 0, 0, state["layer1.0.bn2.bias"]);
    }

    [TestMethod]
    public void A_seed_decides_the_weights_and_leaves_other_random_numbers_alone()
    {
        using var first = Networks.Create("resnet18", 32);
        using var second = Networks.Create("resnet18", 32);
        using var other = Networks.Create("resnet18", 32);
        using var undisturbed = Draw(() => { });
        using var disturbed = Draw(() => first.Initialize(7));
        second.Initialize(7);
        other.Initialize(8);

        CollectionAssert.AreEqual(Values(undisturbed), Values(disturbed));
        CollectionAssert.AreEqual(Values(first.state_dict()["layer2.0.conv1.weight"]), Values(second.state_dict()["layer2.0.conv1.weight"]));
        CollectionAssert.AreNotEqual(Values(first.state_dict()["layer2.0.conv1.weight"]), Values(other.state_dict()["layer2.0.conv1.weight"]));

        static Tensor Draw(Action before)
        {
            manual_seed(5);
            before();
            return rand([4]);
        }
    }

    [TestMethod]
    public void With_zero_last_norms_every_block_starts_as_its_shortcut()
    {
        using var network = Networks.Create("resnet50 zero-init-residual", 32);
        network.Initialize(1);
        var scales = network.state_dict().Where(entry => entry.Value.dim() == 1 && entry.Key.EndsWith("weight")).ToArray();
        var zeroed = scales.Where(entry => Values(entry.Value).All(value => value == 0)).Select(entry => entry.Key).ToArray();
        var ones = scales.Count(entry => Values(entry.Value).All(value => value == 1));

        Assert.HasCount(16, zeroed);
        Assert.IsTrue(zeroed.All(name => name.EndsWith("bn3.weight")), string.Join(' ', zeroed));
        Assert.AreEqual(53 - 16, ones);
    }

    [TestMethod]
    public void Weight_decay_is_for_convolutions_and_the_classifiers_weight()
    {
        using var network = Networks.Create("resnet18", 32);
        var names = network.named_parameters().ToDictionary(entry => entry.Item2.Handle, entry => entry.Item1);
        string[] Names(bool isDecayed) => [.. ParameterGroup.Of(network, backboneRate: 1)
            .Single(group => group.IsDecayed == isDecayed).Parameters.Select(parameter => names[parameter.Handle])];
        var (decayed, undecayed) = (Names(true), Names(false));

        Assert.HasCount(20 + 1, decayed);
        Assert.HasCount(20 * 2 + 1, undecayed);
        Assert.IsTrue(decayed.All(name => name.Contains("conv") || name.EndsWith("downsample.0.weight") || name == "fc.weight"));
    }

    [TestMethod]
    public void Each_stage_learns_at_its_share_of_the_next_ones_rate()
    {
        using var network = Networks.Create("resnet18", 32);

        var rates = NetworkAssert.LayerRates(network, layerDecay: 0.5);

        string[] stages = ["conv1 bn1", "layer1", "layer2", "layer3", "layer4", "fc"];
        foreach (var (name, rate) in rates)
            Assert.AreEqual(Math.Pow(0.5, 5 - Array.FindIndex(stages, stage => stage.Split(' ').Contains(name.Split('.')[0]))), rate, name);
    }

    [TestMethod]
    // bfloat16 keeps 8 bits, float16 11: rounding errors of 1/256 and 1/2048 that partly cancel over 18 layers.
    [DataRow(ScalarType.BFloat16, 0.03)]
    [DataRow(ScalarType.Float16, 0.004)]
    public void In_16_bits_logits_stay_close_and_gradients_arrive_in_float32(ScalarType type, double tolerance) =>
        NetworkAssert.TrainsIn(type, "resnet18 stem=imagenet", tolerance);

    [TestMethod]
    [DataRow("resnet18 stem=cifar", 32)]
    [DataRow("resnet50 stem=imagenet", 64)]
    public void The_device_of_the_tests_computes_what_the_CPU_finds_in_float64(string architecture, int size) =>
        NetworkAssert.ComputesOnTheDeviceWhatTheCpuFindsInFloat64(architecture, size);

    [TestMethod]
    public void Images_need_no_particular_order_in_memory()
    {
        using var network = Networks.CreateFilled("resnet18", 32);
        using var images = FormulaWeights.Images(2, 32);
        using var channelsLast = ChannelsLast.Of(images);
        CollectionAssert.AreEqual(new[] { 3 * 32 * 32L, 1, 3 * 32, 3 }, channelsLast.stride());
        CollectionAssert.AreEqual(Networks.Logits(network, images), Networks.Logits(network, channelsLast));
    }

    [TestMethod]
    public void Training_and_disposing_leave_no_tensor_behind() =>
        NetworkAssert.CleansUp("resnet50", parametersAndBuffers: 320);

    private static float[] Values(Tensor values) => values.cpu().contiguous().data<float>().ToArray();

    private static void AssertSpread(double mean, double deviation, double tolerance, Tensor actual)
    {
        var values = Values(actual);
        var actualMean = values.Average(value => (double)value);
        var actualDeviation = Math.Sqrt(values.Average(value => Math.Pow(value - actualMean, 2)));
        Assert.AreEqual(mean, actualMean, tolerance * deviation * 3);
        Assert.AreEqual(deviation, actualDeviation, tolerance * deviation);
    }
}
