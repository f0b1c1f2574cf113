using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ResNet.Pretrained.Tests;

/// <summary>The ImageNet weights of ML.NET's featurizer package, in this library's network.</summary>
[TestClass]
public sealed class PretrainedResNet18Tests
{
    private const int Features = 512;
    private const string Architecture = "resnet18 v1.5 blocks=2-2-2-3 stem=imagenet";

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void The_features_of_a_generated_image_are_those_that_ONNX_Runtime_computes() => AssertFeaturesAgree(Waves(224));

    [TestMethod]
    [FlowerPhotoCondition]
    public void The_features_of_a_photo_are_those_that_ONNX_Runtime_computes() => AssertFeaturesAgree(FlowerPhoto.Pixels(224));

    [TestMethod]
    public void A_trainer_starts_from_them_and_its_model_keeps_the_network_and_the_normalization()
    {
        using var folder = new TempFolder();
        var log = new List<string>();
        _ml.Log += (_, e) => log.Add(e.Message);
        var data = Images();
        var options = new ResNetOptions
        {
            InitialWeights = NuGetWeights.ResNet18ImageNet,
            Epoch = 1,
            BatchSize = 2,
            Recipe = TrainingRecipe.FineTune,
            Device = ComputeDevice.Cpu,
            Precision = ComputePrecision.Float32,
        };

        using var model = new ResNet18Trainer(_ml, options).Fit(data);
        _ml.Model.Save(model, data.Schema, folder.At("model.zip"));
        using var loaded = (IDisposable)_ml.Model.Load(folder.At("model.zip"), out _);

        Assert.AreEqual(Architecture, model.Architecture);
        Assert.AreEqual("mean 123.1516 115.9029 103.0626, deviation 1 1 1", model.Definition.Normalization.ToString());
        Assert.Contains(message => message.Contains("They have no classifier; the one for 2 classes starts from random weights."), log);
        CollectionAssert.AreEqual(Scores(model, data), Scores((ITransformer)loaded, data));
    }

    [TestMethod]
    public void Weights_of_this_network_do_not_fit_the_papers_and_say_so()
    {
        using var file = new DnnImageFeaturizerResNet18().Open(OnnxPath);
        using var network = Create("resnet18 v1.5 stem=imagenet", classCount: 2);
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => InitialWeights.Read(file, network));
        Assert.Contains("it holds 'layer4.2.conv1.weight', which 'resnet18 v1.5 stem=imagenet' does not have; ", exception.Message);
    }

    [TestMethod]
    public void Options_that_do_not_fit_the_weights_are_refused_when_the_trainer_is_made()
    {
        var weights = NuGetWeights.ResNet18ImageNet;
        AssertRefused(() => new ResNet34Trainer(new ResNetOptions { InitialWeights = weights }));
        AssertRefused(() => new ResNet18Trainer(new ResNetOptions { InitialWeights = weights, Stem = ResNetStem.Cifar }));
        _ = new ResNet18Trainer(new ResNetOptions { InitialWeights = weights, Stem = ResNetStem.ImageNet, Version = ResNetVersion.V1 });

        static void AssertRefused(Action create) => Assert.StartsWith(
            $"InitialWeights is 'ML.NET DnnImageFeaturizer ResNet18 ImageNet', weights of '{Architecture}', but the network to train is 'resnet",
            Assert.ThrowsExactly<ArgumentException>(create).Message);
    }

    [TestMethod]
    public async Task The_file_lies_in_the_output_folder()
    {
        Assert.AreEqual(OnnxPath, await NuGetWeights.ResNet18ImageNet.DownloadAsync());
        Assert.IsTrue(File.Exists(OnnxPath));
    }

    private static string OnnxPath => Path.Combine(AppContext.BaseDirectory, "DnnImageModels", "ResNet18Onnx", "ResNet18.onnx");

    private static ClassificationNetwork Create(string architecture, int classCount) =>
        new ResNetFamily().Create(architecture, new ImageShape(3, 224, 224), classCount);

    private static void AssertFeaturesAgree(byte[] pixels)
    {
        var normalization = NuGetWeights.ResNet18ImageNet.Normalization;
        var normalized = new float[pixels.Length];
        int plane = pixels.Length / 3;
        for (int i = 0; i < pixels.Length; i++)
            normalized[i] = pixels[i] - normalization.Mean[i / plane];

        float[] expected = WithOnnxRuntime(normalized);
        float[] actual = WithOurNetwork(normalized);

        Assert.HasCount(Features, actual);
        double scale = Math.Sqrt(expected.Sum(value => (double)value * value) / Features);
        Assert.IsGreaterThan(0.1, scale);
        for (int i = 0; i < Features; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-4 * scale, $"feature {i}");
    }

    /// <summary>The features, which a classifier that changes nothing hands on.</summary>
    private static float[] WithOurNetwork(float[] normalized)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var file = new DnnImageFeaturizerResNet18().Open(OnnxPath);
        using var network = Create(Architecture, Features);
        InitialWeights.Read(file, network);
        network.state_dict()["fc.weight"].copy_(eye(Features));
        network.eval();
        return network.forward(tensor(normalized, [1, 3, 224, 224])).data<float>().ToArray();
    }

    private static float[] WithOnnxRuntime(float[] normalized)
    {
        int plane = normalized.Length / 3;
        float[] blueFirst = [.. normalized[(2 * plane)..], .. normalized[plane..(2 * plane)], .. normalized[..plane]];
        using var session = new InferenceSession(OnnxPath);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("Input247", new DenseTensor<float>(blueFirst, [1, 3, 224, 224]))]);
        return [.. results.Single().AsEnumerable<float>()];
    }

    private static float[] Scores(ITransformer model, IDataView data) =>
        [.. model.Transform(data).GetColumn<float[]>("Score").SelectMany(scores => scores)];

    private IDataView Images() => _ml.Data.LoadFromEnumerable(
        Enumerable.Range(0, 4).Select(i => new Image { Label = (uint)(i % 2) + 1, Features = Waves(32) }));

    /// <summary>An image, planar, with a wave of its own length in each channel.</summary>
    private static byte[] Waves(int side) =>
        [.. Enumerable.Range(0, 3 * side * side).Select(i => (byte)(127.5 + 127 * Math.Sin(i % side * 0.3 + i / side % side * 0.1 * (1 + i / side / side))))];

    private sealed class Image
    {
        [KeyType(2)]
        public uint Label { get; set; }

        [VectorType(3, 32, 32)]
        public byte[] Features { get; set; } = [];
    }
}
