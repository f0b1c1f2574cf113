using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ResNet.Tests;

/// <summary>The networks against torchvision's, by files that Golden/torchvision_resnet.py wrote.</summary>
[TestClass]
public sealed class TorchvisionAgreementTests
{
    [TestMethod]
    [DataRow(18, 122)]
    [DataRow(34, 218)]
    [DataRow(50, 320)]
    [DataRow(101, 626)]
    [DataRow(152, 932)]
    public void The_state_dictionary_has_torchvisions_names_and_shapes(int depth, int count)
    {
        using var network = Networks.Create($"resnet{depth} stem=imagenet", 224, 1000);
        var expected = File.ReadLines(GoldenFile.PathOf("state-dicts.txt"))
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
        using var network = Networks.CreateFilled($"resnet{depth} stem=imagenet", 64);
        GoldenFile.AssertLogits(GoldenFile.Read($"resnet{depth}.json").GetProperty("evalLogits"), network);
    }

    [TestMethod]
    public void A_weights_file_of_torchvisions_layout_gives_its_logits()
    {
        using var source = Networks.CreateFilled("resnet18 stem=imagenet", 64);
        using var network = Networks.Create("resnet18 stem=imagenet", 64);
        using var folder = new TempFolder();
        var path = folder.At("weights.safetensors");
        SafeTensorsWriter.Write(path, source.state_dict().Where(entry => entry.Value.dtype == ScalarType.Float32)
            .Select(entry => StoredTensor.Of(entry.Key, "F32", entry.Value.shape, entry.Value.data<float>().ToArray())));
        WeightsReader.Read(path, network);

        GoldenFile.AssertLogits(GoldenFile.Read("resnet18.json").GetProperty("evalLogits"), network);
    }

    [TestMethod]
    [DataRow(18)]
    [DataRow(50)]
    public void A_training_step_has_torchvisions_logits_loss_gradients_and_statistics(int depth)
    {
        var golden = GoldenFile.Read($"resnet{depth}.json");
        using var network = Networks.CreateFilled($"resnet{depth} stem=imagenet", 64);
        GoldenFile.AssertTrainingStep(golden.GetProperty("trainLogits"), golden, network);

        var buffers = network.named_buffers().ToDictionary(entry => entry.Item1, entry => entry.Item2);
        foreach (var expected in golden.GetProperty("statistics").EnumerateObject())
            GoldenFile.AssertClose(expected.Name, expected.Value, buffers[expected.Name]);
        Assert.AreEqual(1L, buffers["bn1.num_batches_tracked"].item<long>());
    }
}
