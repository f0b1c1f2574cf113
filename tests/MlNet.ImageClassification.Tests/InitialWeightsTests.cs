using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class InitialWeightsTests
{
    private const string Weight = """ "conv.weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]} """;

    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow("F64")]
    [DataRow("F32")]
    [DataRow("F16")]
    [DataRow("BF16")]
    public void Weights_are_read_from_every_type_of_floating_point_number(string type)
    {
        using var folder = new TempFolder();
        using var network = TinyWeights.Create();
        var stored = Stored(type);
        string path = Write(folder, stored);

        var weights = WeightsReader.Read(path, network);

        Assert.AreEqual(3, weights.ClassCount);
        TinyWeights.AssertIn(network);
    }

    [TestMethod]
    public void The_file_is_identified_by_its_length_and_hash()
    {
        using var folder = new TempFolder();
        using var network = TinyWeights.Create();
        string path = Write(folder, Stored("F32"));
        string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
        Assert.AreEqual($"{new FileInfo(path).Length} bytes, SHA-256 {hash}", WeightsReader.Read(path, network).Identity);
    }

    [TestMethod]
    public void A_classifier_for_another_number_of_classes_is_left_out()
    {
        using var folder = new TempFolder();
        using var network = TinyWeights.Create(classCount: 5);
        network.Initialize(1);
        float[] before = network.state_dict()["fc.weight"].data<float>().ToArray();

        Assert.AreEqual(3, WeightsReader.Read(Write(folder, Stored("F32")), network).ClassCount);

        CollectionAssert.AreEqual(before, network.state_dict()["fc.weight"].data<float>().ToArray());
        CollectionAssert.AreEqual(TinyWeights.Values()["conv.weight"], network.state_dict()["conv.weight"].data<float>().ToArray());
    }

    [TestMethod]
    public void A_classifiers_bias_and_the_batch_counters_may_be_missing()
    {
        using var folder = new TempFolder();
        using var network = TinyWeights.Create();
        network.Initialize(1);
        var stored = Stored("F32").Where(tensor => tensor.Name is not ("fc.bias" or "norm.num_batches_tracked"));

        WeightsReader.Read(Write(folder, stored), network);

        CollectionAssert.AreEqual(new float[3], network.state_dict()["fc.bias"].data<float>().ToArray());
        Assert.AreEqual(0, network.state_dict()["norm.num_batches_tracked"].item<long>());
    }

    [TestMethod]
    public void All_tensors_that_do_not_fit_are_told_at_once()
    {
        AssertRefused(
            "it holds 'extra', which 'tiny8' does not have; it lacks 'conv.weight', which 'tiny8' needs as [8, 3, 3, 3]; it holds " +
            "'norm.bias' as Float32 [7], but 'tiny8' needs Float32 [8].",
            Stored("F32").Where(tensor => tensor.Name is not ("conv.weight" or "norm.bias"))
                .Append(StoredTensor.Of("norm.bias", "F32", [7], new float[7])).Append(StoredTensor.Of("extra", "F32", [1], [1])));
        AssertRefused("; and 5 more of the kind.", Enumerable.Range(0, 9).Select(i => StoredTensor.Of($"other{i}", "F32", [1], [1])));
    }

    [TestMethod]
    public void Weights_of_another_network_are_refused_and_nothing_is_changed()
    {
        var stored = Stored("F32");
        AssertRefused("it lacks 'norm.running_var', which 'tiny8' needs as [8].", stored.Where(tensor => tensor.Name != "norm.running_var"));
        AssertRefused("it lacks 'fc.weight', which 'tiny8' needs as [3, 8].", stored.Where(tensor => tensor.Name != "fc.weight"));
        AssertRefused("it holds 'layer9.weight', which 'tiny8' does not have.", stored.Append(StoredTensor.Of("layer9.weight", "F32", [1], [0])));
        AssertRefused(
            "it holds 'conv.weight' as Float32 [8, 3, 1, 1], but 'tiny8' needs Float32 [8, 3, 3, 3].",
            Replaced(stored, StoredTensor.Of("conv.weight", "F32", [8, 3, 1, 1], new float[24])));
        AssertRefused(
            "it holds 'fc.weight' as Float32 [3, 9], but 'tiny8' needs Float32 [3, 8].",
            Replaced(stored, StoredTensor.Of("fc.weight", "F32", [3, 9], new float[27])));
        AssertRefused(
            "it holds 'norm.bias' as Int64 [8], but 'tiny8' needs Float32 [8].",
            Replaced(stored, StoredTensor.Of("norm.bias", "I64", [8], new float[8])));
        AssertRefused(
            "it holds 'norm.num_batches_tracked' as Float32 [], but 'tiny8' needs Int64 [].",
            Replaced(stored, StoredTensor.Of("norm.num_batches_tracked", "F32", [], [1])));
        AssertRefused(
            "'norm.weight' holds values that are not finite in float32.",
            Replaced(stored, StoredTensor.Of("norm.weight", "F32", [8], [1, 1, float.NaN, 1, 1, 1, 1, 1])));

        static IEnumerable<StoredTensor> Replaced(IEnumerable<StoredTensor> tensors, StoredTensor by) =>
            tensors.Select(tensor => tensor.Name == by.Name ? by : tensor);
    }

    [TestMethod]
    [DataRow("", 0, "its header is not the JSON that the format asks for")]
    [DataRow("[]", 0, "its header is not the JSON that the format asks for")]
    [DataRow("{", 0, "its header is not the JSON that the format asks for")]
    [DataRow("""{"a":1}""", 0, "its header is not the JSON that the format asks for")]
    [DataRow("""{"a":null}""", 0, "'a' does not have a dtype, a shape and two data_offsets.")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "'a' does not have a dtype, a shape and two data_offsets.")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "'a' does not have a dtype, a shape and two data_offsets.")]
    [DataRow("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 4, "'a' is of type U8; only F64, F32, F16, BF16, I64 can be read.")]
    [DataRow("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "'a' has the shape [-1].")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "its header is not the JSON that the format asks for")]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "'a' lies at bytes 0 to 4 of the data, but F32 [2] takes 8 bytes.")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "'a' lies at bytes 4 to 0 of the data, but F32 [1] takes 4 bytes.")]
    [DataRow(
        """{"a":{"dtype":"F64","shape":[2000000000,2000000000,2000000000,2000000000,2000000000],"data_offsets":[0,0]}}""", 0,
        "'a' lies at bytes 0 to 0 of the data, but F64")]
    [DataRow("{" + Weight + "," + Weight + "}", 4, "'conv.weight' is there twice.")]
    [DataRow(
        "{" + Weight + ""","b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6,
        "'b' begins at byte 2 of the data, but 'conv.weight' ends at byte 4; tensors may neither overlap nor leave a gap.")]
    [DataRow(
        "{" + Weight + ""","b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12,
        "'b' begins at byte 8 of the data, but 'conv.weight' ends at byte 4; tensors may neither overlap nor leave a gap.")]
    [DataRow("{" + Weight + "}", 3, "its tensors take 4 bytes, but 3 follow the header; it is cut short or damaged.")]
    [DataRow("{" + Weight + "}", 5, "its tensors take 4 bytes, but 5 follow the header; it is cut short or damaged.")]
    public void A_damaged_header_is_refused(string header, int dataBytes, string message)
    {
        using var folder = new TempFolder();
        string path = folder.At("weights.safetensors");
        SafeTensorsWriter.Write(path, header, new byte[dataBytes]);
        AssertRefused(message, path);
    }

    [TestMethod]
    [DataRow(new byte[] { 1, 2, 3 }, "it has 3 bytes, too few for a safetensors file.")]
    [DataRow(new byte[] { 9, 0, 0, 0, 0, 0, 0, 0, 1 }, "announce a header of 9 bytes, but 1 follow")]
    [DataRow(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 1 }, "announce a header of 18446744073709551615 bytes, but 1 follow")]
    public void A_file_cut_short_or_of_another_kind_is_refused(byte[] content, string message)
    {
        using var folder = new TempFolder();
        string path = folder.At("weights.safetensors");
        File.WriteAllBytes(path, content);
        AssertRefused(message, path);
    }

    [TestMethod]
    public void A_file_cut_anywhere_is_refused()
    {
        using var folder = new TempFolder();
        string path = Write(folder, Stored("F32"));
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length += 97)
        {
            File.WriteAllBytes(path, whole[..length]);
            AssertRefused("", path);
        }
    }

    [TestMethod]
    public void A_training_starts_from_the_weights_and_says_so()
    {
        using var folder = new TempFolder();
        var options = TinyImages.Options();
        var log = new List<string>();
        _ml.Log += (_, e) => log.Add(e.Message);
        using (var trained = Fit(options))
            options.InitialWeightsPath = Save(folder, "trained.safetensors", trained);
        options.Epoch = 1;
        using var random = Fit(new ImageClassificationOptions { Epoch = 1, Device = TestDevice.Chosen });
        using var continued = Fit(options);

        Assert.IsLessThan(0.5 * random.Report!.Epochs[0].Loss, continued.Report!.Epochs[0].Loss);
        Assert.Contains(message => message.Contains($"Starting from the weights in '{options.InitialWeightsPath}' ("), log);
    }

    [TestMethod]
    public void A_checkpoint_is_not_continued_with_other_weights_to_start_from()
    {
        using var folder = new TempFolder();
        var options = TinyImages.Options();
        options.InitialWeightsPath = Write(folder, Stored("F32"));
        options.WorkspacePath = folder.At("workspace");
        using var source = new CancellationTokenSource();
        options.CancellationToken = source.Token;
        options.MetricsCallback = _ => source.Cancel();
        Fit(options).Dispose();
        (options.CancellationToken, options.MetricsCallback) = (default, null);

        Write(folder, Stored("F64"));

        var exception = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(options));
        Assert.Contains("belongs to another training", exception.Message);
        Write(folder, Stored("F32"));
        using var continued = Fit(options);
        Assert.HasCount(4, continued.Report!.Epochs);
    }

    [TestMethod]
    public void A_file_that_is_not_there_is_refused_when_the_trainer_is_made()
    {
        var options = new ImageClassificationOptions { InitialWeightsPath = "nowhere.safetensors" };
        var exception = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TinyTrainer(options));
        Assert.StartsWith("InitialWeightsPath is nowhere.safetensors; there is no such file.", exception.Message);
    }

    private ImageClassificationTransformer Fit(ImageClassificationOptions options) =>
        new TinyTrainer(options, _ml).Fit(_ml.Keyed(TinyImages.Floats(60)));

    private static string Save(TempFolder folder, string name, ImageClassificationTransformer model)
    {
        using var network = TinyWeights.Create();
        model.Weights.CopyTo(network);
        string path = folder.At(name);
        SafeTensorsWriter.Write(path, network.state_dict().Where(entry => entry.Value.dtype == ScalarType.Float32)
            .Select(entry => StoredTensor.Of(entry.Key, "F32", entry.Value.shape, entry.Value.data<float>().ToArray())));
        return path;
    }

    private static void AssertRefused(string message, IEnumerable<StoredTensor> tensors)
    {
        using var folder = new TempFolder();
        AssertRefused(message, Write(folder, tensors));
    }

    private static void AssertRefused(string message, string path)
    {
        using var network = TinyWeights.Create();
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => WeightsReader.Read(path, network));
        Assert.StartsWith($"The weights file '{path}' cannot be used: ", exception.Message);
        Assert.Contains(message, exception.Message);
        Assert.IsTrue(network.state_dict()["conv.weight"].data<float>().All(value => value == 0), "weights were changed");
    }

    private static string Write(TempFolder folder, IEnumerable<StoredTensor> tensors)
    {
        string path = folder.At("weights.safetensors");
        SafeTensorsWriter.Write(path, tensors);
        return path;
    }

    private static IEnumerable<StoredTensor> Stored(string type)
    {
        using var network = TinyWeights.Create();
        var shapes = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.shape);
        return [.. TinyWeights.Values().Select(entry => StoredTensor.Of(entry.Key, type, shapes[entry.Key], entry.Value)),
            StoredTensor.Of("norm.num_batches_tracked", "I64", [], [7])];
    }
}
