using System.Text.Json;
using Microsoft.ML;
using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ShuffleNet.Tests;

/// <summary>The networks against a plain PyTorch network of the paper and of its authors' code, by files that Golden/shufflenet_v1.py wrote.</summary>
[TestClass]
public sealed class GoldenNetworkTests
{
    private const double Tolerance = 1e-4;

    private static string GoldenFolder => Path.Combine(AppContext.BaseDirectory, "Golden");

    private readonly JsonDocument _golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(GoldenFolder, "shufflenet_v1.json")));

    [TestMethod]
    [DataRow("shufflenetv1 g3 0.5x stem=imagenet", 64)]
    [DataRow("shufflenetv1 g8 0.5x stem=strided", 48)]
    [DataRow("shufflenetv1 g2 1x stem=cifar", 32)]
    [DataRow("shufflenetv1 g1 0.25x stem=strided", 48)]
    [DataRow("shufflenetv1 g8 0.25x stem=strided", 48)]
    public void Logits_agree_with_the_papers_network(string variant, int size)
    {
        using var network = Networks.CreateFilled($"{variant} shuffle=paper", size);
        using var images = FormulaWeights.Images(4, size);
        var logits = Array.ConvertAll(Networks.Logits(network, images), value => (double)value);
        Assert.IsLessThan(Tolerance, Networks.RelativeDifference(Doubles(_golden.RootElement.GetProperty("paper").GetProperty(variant)), logits));
    }

    [TestMethod]
    [DataRow("shufflenetv1 g3 0.5x stem=imagenet", 64)]
    [DataRow("shufflenetv1 g8 0.5x stem=strided", 48)]
    [DataRow("shufflenetv1 g2 1x stem=cifar", 32)]
    [DataRow("shufflenetv1 g1 0.25x stem=strided", 48)]
    [DataRow("shufflenetv1 g8 0.25x stem=strided", 48)]
    public void Weights_of_the_authors_network_give_its_logits(string variant, int size)
    {
        var path = Path.GetTempFileName();
        try
        {
            using var network = Networks.Create($"{variant} shuffle=authors", size);
            // As the authors save them: no bias of the classifier.
            FormulaWeights.Fill(network);
            SafeTensorsWriter.Write(path, network.state_dict().Where(entry => entry.Value.dtype == ScalarType.Float32 && entry.Key != "classifier.0.bias")
                .Select(entry => StoredTensor.Of(entry.Key, "F32", entry.Value.shape, entry.Value.data<float>().ToArray())));
            SafeTensorsWeights.Read(path, network);

            using var images = FormulaWeights.Images(4, size);
            var logits = Array.ConvertAll(Networks.Logits(network, images), value => (double)value);
            Assert.IsLessThan(Tolerance, Networks.RelativeDifference(Doubles(_golden.RootElement.GetProperty("authors").GetProperty(variant)), logits));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void The_state_dictionary_has_the_authors_names_and_a_bias_of_the_classifier()
    {
        using var network = Networks.Create("shufflenetv1 g8 0.25x stem=strided", 48, classCount: 4);
        var file = File.ReadAllBytes(Path.Combine(GoldenFolder, "authors-g8-0.25x.safetensors"));
        using var header = JsonDocument.Parse(file.AsMemory(8, (int)BitConverter.ToUInt64(file)));
        var names = header.RootElement.EnumerateObject().Select(entry => entry.Name).Where(name => name != "__metadata__").ToArray();

        Assert.HasCount(295, names);
        CollectionAssert.AreEquivalent(names.Append("classifier.0.bias").ToArray(), network.state_dict().Keys);
        CollectionAssert.AreEqual(new[] { "first_conv", "features", "classifier" }, network.named_children().Select(child => child.name).ToArray());
    }

    [TestMethod]
    public void A_file_of_the_authors_layout_gives_its_logits_in_the_authors_order_only()
    {
        var path = Path.Combine(GoldenFolder, "authors-g8-0.25x.safetensors");
        var expected = Doubles(_golden.RootElement.GetProperty("file"));
        using var images = FormulaWeights.Images(4, 48);

        Assert.IsLessThan(Tolerance, Networks.RelativeDifference(expected, Logits("authors")));
        Assert.IsGreaterThan(0.1, Networks.RelativeDifference(expected, Logits("paper")));

        double[] Logits(string order)
        {
            using var network = Networks.Create($"shufflenetv1 g8 0.25x stem=strided shuffle={order}", 48, classCount: 4);
            Assert.AreEqual(4, SafeTensorsWeights.Read(path, network).ClassCount);
            return Array.ConvertAll(Networks.Logits(network, images), value => (double)value);
        }
    }

    [TestMethod]
    public void A_training_step_has_the_papers_logits_loss_and_gradients()
    {
        using var scope = NewDisposeScope();
        using var network = Networks.CreateFilled("shufflenetv1 g3 0.5x stem=imagenet", 64);
        network.to(ScalarType.Float64);
        network.train();
        var golden = _golden.RootElement.GetProperty("training");

        var logits = network.forward(FormulaWeights.Images(4, 64).to_type(ScalarType.Float64));
        var loss = nn.functional.cross_entropy(logits, tensor(new long[] { 3, 7, 0, 9 }));
        loss.backward();

        AssertClose("logits", golden.GetProperty("logits"), logits);
        Assert.AreEqual(golden.GetProperty("loss").GetDouble(), loss.item<double>(), Tolerance);
        var parameters = network.named_parameters().ToDictionary(entry => entry.Item1, entry => entry.Item2);
        foreach (var expected in golden.GetProperty("gradients").EnumerateObject())
        {
            var gradient = parameters[expected.Name].grad!;
            var norm = expected.Value.GetProperty("norm").GetDouble();
            Assert.AreEqual(norm, Math.Sqrt(gradient.contiguous().data<double>().Sum(value => value * value)), norm * Tolerance, expected.Name);
            AssertClose(expected.Name, expected.Value.GetProperty("first"), gradient);
        }
    }

    [TestMethod]
    public void Training_starts_from_the_authors_weights()
    {
        var ml = new MLContext(seed: 1);
        var log = new List<string>();
        ml.Log += (_, e) => log.Add(e.Message);
        var data = TinyImages.Load(ml, 6);
        var options = new ShuffleNetOptions
        {
            Groups = 8,
            WidthMultiplier = 0.25,
            ChannelShuffle = ChannelShuffleOrder.Authors,
            InitialWeightsPath = Path.Combine(GoldenFolder, "authors-g8-0.25x.safetensors"),
            Epoch = 1,
            Device = ComputeDevice.Cpu,
        };
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MulticlassClassification.Trainers.ShuffleNetV1(options));

        pipeline.Fit(data).Dispose();

        Assert.Contains(message => message.Contains("authors-g8-0.25x.safetensors"), log);
        Assert.Contains(message => message.Contains("Their classifier tells 4 classes apart; the one for 3 classes starts from random weights."), log);
    }

    /// <summary>The first values of a tensor, in the order of its shape.</summary>
    private static void AssertClose(string name, JsonElement expected, Tensor actual)
    {
        var values = Doubles(expected);
        var difference = Networks.RelativeDifference(values, actual.contiguous().data<double>().Take(values.Length).ToArray());
        Assert.IsLessThan(Tolerance, difference, name);
    }

    private static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetDouble())];
}
