using System.Text.Json;
using Microsoft.ML;
using TorchSharp;

namespace MlNet.ImageClassification.Tests;

/// <summary>The weights of a trained model as a file, and a training that starts from a model.</summary>
[TestClass]
public sealed class SavedWeightsTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void Saved_weights_are_those_of_the_model()
    {
        using var folder = new TempFolder();
        using var model = Fit(TinyImages.Options());
        string path = folder.At("weights.safetensors");
        File.WriteAllText(path, "an earlier file");

        model.SaveWeights(path);

        using var network = TinyWeights.Create();
        Assert.AreEqual(3, WeightsReader.Read(path, network).ClassCount);
        var expected = model.Weights.ToDictionary();
        foreach (var (name, values) in network.state_dict())
            CollectionAssert.AreEqual(expected[name], values.contiguous().bytes.ToArray(), name);
        CollectionAssert.AreEqual(new[] { path }, Directory.GetFiles(folder.Path));
    }

    [TestMethod]
    public void The_file_is_laid_out_as_the_format_asks()
    {
        using var folder = new TempFolder();
        using var model = Fit(TinyImages.Options());
        model.SaveWeights(folder.At("weights.safetensors"));
        byte[] file = File.ReadAllBytes(folder.At("weights.safetensors"));

        int length = (int)BitConverter.ToUInt64(file);
        Assert.AreEqual(0, length % 8);
        using var header = JsonDocument.Parse(file.AsMemory(8, length));
        Assert.AreEqual("pt", header.RootElement.GetProperty("__metadata__").GetProperty("format").GetString());
        var bias = header.RootElement.GetProperty("fc.bias");
        Assert.AreEqual("F32", bias.GetProperty("dtype").GetString());
        Assert.AreEqual("[3]", bias.GetProperty("shape").GetRawText());
        int begin = bias.GetProperty("data_offsets")[0].GetInt32();
        Assert.AreEqual(begin + 12, bias.GetProperty("data_offsets")[1].GetInt32());
        CollectionAssert.AreEqual(model.Weights.ToDictionary()["fc.bias"], file[(8 + length + begin)..(8 + length + begin + 12)]);
        Assert.AreEqual("I64", header.RootElement.GetProperty("norm.num_batches_tracked").GetProperty("dtype").GetString());
        // 8 x 3 x 3 x 3 + 4 x 8 + 3 x 8 + 3 floats and one counter.
        Assert.HasCount(8 + length + 4 * 275 + 8, file);
    }

    [TestMethod]
    public void Weights_that_cannot_be_written_leave_the_file_that_was_there()
    {
        using var folder = new TempFolder();
        using var model = Fit(TinyImages.Options());
        Directory.CreateDirectory(folder.At("taken", "inside"));
        Assert.Throws<Exception>(() => model.SaveWeights(folder.At("taken")));
        Assert.Throws<IOException>(() => model.SaveWeights(folder.At("missing", "weights.safetensors")));
        CollectionAssert.AreEqual(new[] { folder.At("taken") }, Directory.GetFileSystemEntries(folder.Path));
    }

    [TestMethod]
    public void A_training_starts_from_a_model()
    {
        using var folder = new TempFolder();
        var options = TinyImages.Options();
        using var trained = Fit(options);
        options.InitialWeightsPath = Save(folder, trained);
        options.Epoch = 1;

        using var random = Fit(TinyImages.Options<ImageClassificationOptions>(epochs: 1, batchSize: 16, learningRate: 0.2));
        using var continued = Fit(options);

        Assert.IsLessThan(0.5 * random.Report!.Epochs[0].Loss, continued.Report!.Epochs[0].Loss);
    }

    [TestMethod]
    public void A_model_of_an_earlier_format_is_a_start_too()
    {
        using var network = TinyWeights.Create();
        Assert.AreEqual(3, WeightsReader.Read(Path.Combine(AppContext.BaseDirectory, "Golden", "golden-v1.zip"), network).ClassCount);
        Assert.IsTrue(network.state_dict()["norm.running_var"].data<float>().All(value => value is > 0 and not 1));
    }

    [TestMethod]
    public void A_model_of_another_network_is_refused_with_both_names()
    {
        using var folder = new TempFolder();
        using var trained = Fit(TinyImages.Options());
        string path = Save(folder, trained);
        using var network = new TinyFamily().Create("tiny9", new ImageShape(3, 8, 8), 3);
        Assert.AreEqual(
            $"The weights file '{path}' cannot be used: it holds the weights of 'tiny8', but the network to train is 'tiny9'.",
            Assert.ThrowsExactly<InvalidDataException>(() => WeightsReader.Read(path, network)).Message);
    }

    [TestMethod]
    public void A_model_without_a_classifier_of_this_library_is_refused()
    {
        using var folder = new TempFolder();
        var data = _ml.Keyed(TinyImages.Floats(6));
        _ml.Model.Save(_ml.Transforms.CopyColumns("Copy", "Features").Fit(data), data.Schema, folder.At("model.zip"));
        using var network = TinyWeights.Create();
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => WeightsReader.Read(folder.At("model.zip"), network));
        Assert.EndsWith("it is a model of ML.NET, but not one with one classifier of this library.", exception.Message);
    }

    [TestMethod]
    public void The_normalization_of_a_model_is_that_of_the_training_that_starts_from_it()
    {
        using var folder = new TempFolder();
        var options = TinyImages.Options();
        options.Normalization = new ChannelNormalization([1, 2, 3], [4, 5, 6]);
        using var trained = Fit(options);
        using var file = WeightsFile.Open(Save(folder, trained));
        Assert.AreEqual("mean 1 2 3, deviation 4 5 6", file.Normalization!.ToString());
    }

    private ImageClassificationTransformer Fit(ImageClassificationOptions options) =>
        new TinyTrainer(options, _ml).Fit(_ml.Keyed(TinyImages.Floats(60)));

    private string Save(TempFolder folder, ImageClassificationTransformer model)
    {
        string path = folder.At("model.zip");
        _ml.Model.Save(model, null, path);
        return path;
    }
}
