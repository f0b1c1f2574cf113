using System.Text.Json;
using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ResNet.Tests;

/// <summary>The networks against torchvision's, by files that Golden/torchvision_resnet.py wrote.</summary>
[TestClass]
public sealed class TorchvisionAgreementTests
{
    private const double Tolerance = 1e-4;

    private static string GoldenFolder => Path.Combine(AppContext.BaseDirectory, "Golden");

    [TestMethod]
    [DataRow(18, 122)]
    [DataRow(34, 218)]
    [DataRow(50, 320)]
    [DataRow(101, 626)]
    [DataRow(152, 932)]
    public void The_state_dictionary_has_torchvisions_names_and_shapes(int depth, int count)
    {
        using var network = Networks.Create($"resnet{depth} stem=imagenet", 224, 1000);
        var expected = File.ReadLines(Path.Combine(GoldenFolder, "state-dicts.txt"))
            .Where(line => line.StartsWith($"resnet{depth} ")).Select(line => line[(line.IndexOf(' ') + 1)..]).ToArray();
        var actual = network.state_dict().Select(entry => $"{entry.Key} [{string.Join(',', entry.Value.shape)}]").ToArray();
        Assert.HasCount(count, expected);
        CollectionAssert.AreEquivalent(expected, actual);
    }

    [TestMethod]
    [DataRow(18)]
    [DataRow(50)]
    public void Logits_of_evaluation_agree(int depth)
    {
        using var golden = Golden(depth);
        using var network = Networks.CreateFilled($"resnet{depth} stem=imagenet", 64);
        using var images = FormulaWeights.Images(4, 64);
        var logits = Array.ConvertAll(Networks.Logits(network, images), value => (double)value);
        Assert.IsLessThan(Tolerance, Networks.RelativeDifference(Doubles(golden.RootElement.GetProperty("evalLogits")), logits));
    }

    [TestMethod]
    public void A_weights_file_of_torchvisions_layout_gives_its_logits()
    {
        using var golden = Golden(18);
        using var source = Networks.CreateFilled("resnet18 stem=imagenet", 64);
        using var network = Networks.Create("resnet18 stem=imagenet", 64);
        var path = Path.GetTempFileName();
        try
        {
            SafeTensorsWriter.Write(path, source.state_dict().Where(entry => entry.Value.dtype == ScalarType.Float32)
                .Select(entry => StoredTensor.Of(entry.Key, "F32", entry.Value.shape, entry.Value.data<float>().ToArray())));
            SafeTensorsWeights.Read(path, network);
        }
        finally
        {
            File.Delete(path);
        }

        using var images = FormulaWeights.Images(4, 64);
        var logits = Array.ConvertAll(Networks.Logits(network, images), value => (double)value);
        Assert.IsLessThan(Tolerance, Networks.RelativeDifference(Doubles(golden.RootElement.GetProperty("evalLogits")), logits));
    }

    [TestMethod]
    [DataRow(18)]
    [DataRow(50)]
    public void A_training_step_has_torchvisions_logits_loss_gradients_and_statistics(int depth)
    {
        using var scope = NewDisposeScope();
        using var golden = Golden(depth);
        using var network = Networks.CreateFilled($"resnet{depth} stem=imagenet", 64);
        network.to(ScalarType.Float64);
        network.train();

        var logits = network.forward(FormulaWeights.Images(4, 64).to_type(ScalarType.Float64));
        var loss = nn.functional.cross_entropy(logits, tensor(new long[] { 3, 7, 0, 9 }));
        loss.backward();

        AssertClose("trainLogits", golden.RootElement.GetProperty("trainLogits"), logits);
        Assert.AreEqual(golden.RootElement.GetProperty("loss").GetDouble(), loss.item<double>(), Tolerance);

        var parameters = network.named_parameters().ToDictionary(entry => entry.Item1, entry => entry.Item2);
        foreach (var expected in golden.RootElement.GetProperty("gradients").EnumerateObject())
        {
            var gradient = parameters[expected.Name].grad!;
            var norm = expected.Value.GetProperty("norm").GetDouble();
            Assert.AreEqual(norm, Math.Sqrt(gradient.contiguous().data<double>().Sum(value => value * value)), norm * Tolerance, expected.Name);
            AssertClose(expected.Name, expected.Value.GetProperty("first"), gradient);
        }

        var buffers = network.named_buffers().ToDictionary(entry => entry.Item1, entry => entry.Item2);
        foreach (var expected in golden.RootElement.GetProperty("statistics").EnumerateObject())
            AssertClose(expected.Name, expected.Value, buffers[expected.Name]);
        Assert.AreEqual(1L, buffers["bn1.num_batches_tracked"].item<long>());
    }

    /// <summary>The first values of a tensor, in the order of its shape.</summary>
    private static void AssertClose(string name, JsonElement expected, Tensor actual)
    {
        var values = Doubles(expected);
        var difference = Networks.RelativeDifference(values, actual.contiguous().data<double>().Take(values.Length).ToArray());
        Assert.IsLessThan(Tolerance, difference, name);
    }

    private static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetDouble())];

    private static JsonDocument Golden(int depth) => JsonDocument.Parse(File.ReadAllText(Path.Combine(GoldenFolder, $"resnet{depth}.json")));
}
