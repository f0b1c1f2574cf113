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
    private readonly JsonElement _golden = GoldenFile.Read("shufflenet_v1.json");

    [TestMethod]
    [DataRow("shufflenetv1 g3 0.5x stem=imagenet", 64)]
    [DataRow("shufflenetv1 g8 0.5x stem=strided", 48)]
    [DataRow("shufflenetv1 g2 1x stem=cifar", 32)]
    [DataRow("shufflenetv1 g1 0.25x stem=strided", 48)]
    [DataRow("shufflenetv1 g8 0.25x stem=strided", 48)]
    public void Logits_agree_with_the_papers_network(string variant, int size)
    {
        using var network = Networks.CreateFilled($"{variant} shuffle=paper", size);
        GoldenFile.AssertLogits(_golden.GetProperty("paper").GetProperty(variant), network);
    }

    [TestMethod]
    [DataRow("shufflenetv1 g3 0.5x stem=imagenet", 64)]
    [DataRow("shufflenetv1 g8 0.5x stem=strided", 48)]
    [DataRow("shufflenetv1 g2 1x stem=cifar", 32)]
    [DataRow("shufflenetv1 g1 0.25x stem=strided", 48)]
    [DataRow("shufflenetv1 g8 0.25x stem=strided", 48)]
    public void Weights_of_the_authors_network_give_its_logits(string variant, int size)
    {
        using var folder = new TempFolder();
        var path = folder.At("weights.safetensors");
        using var network = Networks.Create($"{variant} shuffle=authors", size);
        // As the authors save them: no bias of the classifier.
        FormulaWeights.Fill(network);
        SafeTensorsWriter.Write(path, network.state_dict().Where(entry => entry.Value.dtype == ScalarType.Float32 && entry.Key != "classifier.0.bias")
            .Select(entry => StoredTensor.Of(entry.Key, "F32", entry.Value.shape, entry.Value.data<float>().ToArray())));
        WeightsReader.Read(path, network);

        GoldenFile.AssertLogits(_golden.GetProperty("authors").GetProperty(variant), network);
    }

    [TestMethod]
    [DataRow("authors")]
    [DataRow("paper")]
    public void Saved_weights_are_as_the_authors_have_them_and_read_again_the_models_own(string order)
    {
        using var folder = new TempFolder();
        var ml = new MLContext(seed: 1);
        var options = new ShuffleNetOptions
        {
            Groups = 8,
            WidthMultiplier = 0.25,
            ChannelShuffle = order == "authors" ? ChannelShuffleOrder.Authors : ChannelShuffleOrder.Paper,
            InitialWeightsPath = GoldenFile.PathOf("authors-g8-0.25x.safetensors"),
            Epoch = 1,
            LearningRate = 1e-30,
            Recipe = new TrainingRecipe { FreezeNormStatistics = true },
            Device = TestDevice.Chosen,
        };
        using var model = new ShuffleNetV1Trainer(ml, options).Fit(ml.Keyed(TinyImages.Floats(6)));

        model.SaveWeights(folder.At("saved.safetensors"));

        using var scope = NewDisposeScope();
        using var saved = WeightsFile.Open(folder.At("saved.safetensors"));
        using var published = WeightsFile.Open(options.InitialWeightsPath);
        foreach (var name in published.Tensors.Keys.Where(name => name != "classifier.0.weight" && published.Tensors[name].Type == ScalarType.Float32))
            CollectionAssert.AreEqual(published.Read(name).data<float>().ToArray(), saved.Read(name).data<float>().ToArray(), name);
        using var network = Networks.Create(model.Architecture, TinyImages.Side, classCount: 3);
        WeightsReader.Read(folder.At("saved.safetensors"), network);
        var expected = model.Weights.ToDictionary();
        foreach (var (name, values) in network.state_dict())
            CollectionAssert.AreEqual(expected[name], values.contiguous().bytes.ToArray(), name);
    }

    [TestMethod]
    public void The_state_dictionary_has_the_authors_names_and_a_bias_of_the_classifier()
    {
        using var network = Networks.Create("shufflenetv1 g8 0.25x stem=strided", 48, classCount: 4);
        var file = File.ReadAllBytes(GoldenFile.PathOf("authors-g8-0.25x.safetensors"));
        using var header = JsonDocument.Parse(file.AsMemory(8, (int)BitConverter.ToUInt64(file)));
        var names = header.RootElement.EnumerateObject().Select(entry => entry.Name).Where(name => name != "__metadata__").ToArray();

        Assert.HasCount(295, names);
        CollectionAssert.AreEquivalent(names.Append("classifier.0.bias").ToArray(), network.state_dict().Keys);
        CollectionAssert.AreEqual(new[] { "first_conv", "features", "classifier" }, network.named_children().Select(child => child.name).ToArray());
    }

    [TestMethod]
    public void A_file_of_the_authors_layout_gives_its_logits_in_the_authors_order_only()
    {
        var expected = _golden.GetProperty("file");
        using var network = Load("authors");
        using var other = Load("paper");
        using var images = FormulaWeights.Images(4, 48);

        GoldenFile.AssertLogits(expected, network);
        Assert.IsGreaterThan(0.1, GoldenFile.Difference(expected, Networks.Logits(other, images)));

        static ClassificationNetwork Load(string order)
        {
            var network = Networks.Create($"shufflenetv1 g8 0.25x stem=strided shuffle={order}", 48, classCount: 4);
            Assert.AreEqual(4, WeightsReader.Read(GoldenFile.PathOf("authors-g8-0.25x.safetensors"), network).ClassCount);
            return network;
        }
    }

    [TestMethod]
    public void A_training_step_has_the_papers_logits_loss_and_gradients()
    {
        var golden = _golden.GetProperty("training");
        using var network = Networks.CreateFilled("shufflenetv1 g3 0.5x stem=imagenet", 64);
        GoldenFile.AssertTrainingStep(golden.GetProperty("logits"), golden, network);
    }

    [TestMethod]
    public void Training_starts_from_the_authors_weights()
    {
        var ml = new MLContext(seed: 1);
        var log = new List<string>();
        ml.Log += (_, e) => log.Add(e.Message);
        var options = new ShuffleNetOptions
        {
            Groups = 8,
            WidthMultiplier = 0.25,
            ChannelShuffle = ChannelShuffleOrder.Authors,
            InitialWeightsPath = GoldenFile.PathOf("authors-g8-0.25x.safetensors"),
            Epoch = 1,
            Device = TestDevice.Chosen,
        };

        new ShuffleNetV1Trainer(ml, options).Fit(ml.Keyed(TinyImages.Floats(6))).Dispose();

        Assert.Contains(message => message.Contains("authors-g8-0.25x.safetensors"), log);
        Assert.Contains(message => message.Contains("Their classifier tells 4 classes apart; the one for 3 classes starts from random weights."), log);
    }
}
