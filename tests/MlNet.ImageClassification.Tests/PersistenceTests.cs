using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class PersistenceTests
{
    private static readonly ComputeTarget Cpu = new(TorchSharp.torch.CPU, TorchSharp.torch.ScalarType.Float32);

    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _log = [];

    public PersistenceTests() => _ml.Log += (_, e) => _log.Add(e.RawMessage);

    [TestMethod]
    public void A_fresh_process_that_knows_ML_NET_only_gives_the_same_bits()
    {
        using var folder = new TempFolder();
        using var model = Fit();
        string path = folder.At("model.zip");
        _ml.Model.Save(model, _ml.Keyed(TinyImages.Floats(1)).Schema, path);

        int[][] fresh = FreshProcess.Score(path, 20);

        float[][] here = Scores(model, 20);
        Assert.HasCount(20, fresh);
        for (int i = 0; i < 20; i++)
            CollectionAssert.AreEqual(Array.ConvertAll(here[i], BitConverter.SingleToInt32Bits), fresh[i]);
    }

    [TestMethod]
    public void A_whole_pipeline_comes_back()
    {
        using var folder = new TempFolder();
        var data = _ml.Data.LoadFromEnumerable(TinyImages.Floats(60).Select(i => new NamedBytes
        {
            Label = TinyImages.Label((int)i.Id),
            Pixels = TinyImages.Image((int)i.Id),
        }).ToArray());
        using var chain = _ml.Transforms.NormalizeChannels("Features", "Pixels", ChannelNormalization.Cifar10)
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label"))
            .Append(new TinyTrainer(TinyImages.Options()))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel"))
            .Fit(data);
        string path = folder.At("pipeline.zip");
        _ml.Model.Save(chain, data.Schema, path);

        var loaded = new MLContext().Model.Load(path, out var schema);

        Assert.AreEqual("Vector<Byte, 3, 8, 8>", schema["Pixels"].Type.ToString());
        CollectionAssert.AreEqual(
            chain.Transform(data).GetColumn<string>("Name").ToArray(), loaded.Transform(data).GetColumn<string>("Name").ToArray());
        CollectionAssert.AreEqual(
            chain.Transform(data).GetColumn<float[]>("Score").SelectMany(s => s).ToArray(),
            loaded.Transform(data).GetColumn<float[]>("Score").SelectMany(s => s).ToArray());
        var classifier = ((IEnumerable<ITransformer>)loaded).OfType<ImageClassificationTransformer>().Single();
        CollectionAssert.AreEqual(TinyImages.Names, classifier.ClassNames.ToArray());
        Assert.AreEqual(("tiny8", 3, "Features"), (classifier.Architecture, classifier.ClassCount, classifier.FeatureColumnName));
        Assert.AreEqual(new ImageShape(3, 8, 8), classifier.ImageShape);
        Assert.IsNull(classifier.Report);
        ((IDisposable)loaded).Dispose();
    }

    [TestMethod]
    public void A_loaded_model_saves_to_the_same_content()
    {
        using var model = Fit();
        byte[] content = Content(Save(model));
        using var loaded = (IDisposable)Load(Save(model));
        CollectionAssert.AreEqual(content, Content(Save((ITransformer)loaded)));
    }

    [TestMethod]
    [DataRow("golden-v1")]
    [DataRow("golden-v2")]
    public void Earlier_versions_of_the_format_stay_readable(string name)
    {
        // Saved by libraries of these versions; the scores beside each are what it gave.
        string folder = Path.Combine(AppContext.BaseDirectory, "Golden");
        using var model = (ImageClassificationTransformer)_ml.Model.Load(Path.Combine(folder, $"{name}.zip"), out _);
        float[][] expected = [.. File.ReadLines(Path.Combine(folder, $"{name}-scores.txt"))
            .Select(line => line.Split(' ').Select(s => float.Parse(s, System.Globalization.CultureInfo.InvariantCulture)).ToArray())];

        float[][] actual = Scores(model, expected.Length);

        for (int i = 0; i < expected.Length; i++)
            for (int c = 0; c < 3; c++)
                Assert.AreEqual(expected[i][c], actual[i][c], 1e-5f);
        Assert.AreEqual(TestTimeAugmentation.None, model.TestTimeAugmentation);
    }

    [TestMethod]
    public void Damage_anywhere_in_the_content_is_refused()
    {
        using var model = Fit();
        byte[] file = Save(model);
        byte[] content = Content(file);
        long tensors = LiveTensors.Count();

        // A flipped bit in each of 60 places, from the payload's first byte to the last of its last block; ML.NET's own
        // header before and tail after are its to check.
        int start = IndexOf(content, "MlNet.ImageClassification.Tests") - 8;
        int end = content.Length - 300;
        for (int i = 0; i < 60; i++)
        {
            var damaged = (byte[])content.Clone();
            damaged[start + (int)((long)i * (end - start) / 60)] ^= 0x10;
            Assert.IsTrue(Refusal(WithContent(file, damaged)).Contains("The file is damaged in ", StringComparison.Ordinal)
                || Refusal(WithContent(file, damaged)).Contains("saved in format", StringComparison.Ordinal)
                || Refusal(WithContent(file, damaged)).Contains("number of weight tensors", StringComparison.Ordinal),
                $"place {i}: {Refusal(WithContent(file, damaged))}");
        }
        Assert.AreEqual(tensors, TorchSharp.torch.Tensor.TotalCount);
    }

    [TestMethod]
    public void Three_hundred_damaged_files_are_refused_or_score_as_before()
    {
        using var model = Fit();
        byte[] file = Save(model);
        float[] expected = [.. Scores(model, 3).SelectMany(s => s)];
        var random = new Random(1);
        for (int i = 0; i < 300; i++)
        {
            byte[] damaged = Damage.Of(file, random);
            ITransformer loaded;
            try
            {
                loaded = Load(damaged);
            }
            catch (Exception e) when (e is not (NullReferenceException or IndexOutOfRangeException or OutOfMemoryException))
            {
                continue;
            }
            // The zip format has bytes that nobody reads.
            using (loaded as IDisposable)
                CollectionAssert.AreEqual(expected, Scores(loaded, 3).SelectMany(s => s).ToArray(), $"damage {i}");
        }
    }

    [TestMethod]
    public void A_file_cut_short_is_refused()
    {
        using var model = Fit();
        byte[] file = Save(model);
        foreach (int length in new[] { 0, 10, file.Length / 2, file.Length - 1 })
            Assert.Throws<Exception>(() => Load(file[..length]));
    }

    [TestMethod]
    public void A_family_that_is_not_there_is_named()
    {
        using var model = Fit();
        var missing = new ImageClassificationTransformer(
            model.Definition with { FamilyAssembly = "NoSuch.Assembly" }, model.Weights, Cpu, environment: null);

        Assert.Contains(
            "The model holds a network of the family 'Tiny', which lives in assembly 'NoSuch.Assembly', and that assembly cannot " +
            "be loaded. Add a reference to NoSuch.Assembly to the application.", Refusal(Save(missing)));
    }

    [TestMethod]
    public void Weights_of_another_network_are_refused()
    {
        using var model = Fit();
        var other = new ImageClassificationTransformer(
            model.Definition with { Architecture = "tiny9" }, model.Weights, Cpu, environment: null);

        Assert.Contains("but 'tiny9' needs Float32 [9, 3, 3, 3].", Refusal(Save(other)));
    }

    [TestMethod]
    public void A_loaded_model_makes_one_network()
    {
        using var model = Fit();
        byte[] file = Save(model);
        long before = LiveTensors.Count();

        using (var loaded = (IDisposable)Load(file))
            Scores((ITransformer)loaded, 20);

        // A convolution, a batch norm of two and a linear layer of two.
        LiveTensors.AssertNoneLeft(before, networks: 1, parametersOfNetwork: 1 + 2 + 2);
    }

    [TestMethod]
    public void A_model_that_was_loaded_and_has_scored_saves_to_the_same_content()
    {
        using var model = Fit();
        byte[] content = Content(Save(model));
        using var loaded = (IDisposable)Load(Save(model));
        Scores((ITransformer)loaded, 1);
        CollectionAssert.AreEqual(content, Content(Save((ITransformer)loaded)));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_context_whose_GPU_is_absent_loads_no_model_unless_it_may_use_the_CPU(bool inPipeline)
    {
        using var model = Fit();
        byte[] file = Save(inPipeline ? new TransformerChain<ITransformer>(model) : model);
        _ml.GpuDeviceId = 99;

        string refusal = Refusal(file);
        Assert.Contains("mlContext.GpuDeviceId is 99, but ", refusal);
        Assert.Contains("Set mlContext.FallbackToCpu to use the CPU where there is no such device.", refusal);

        _ml.FallbackToCpu = true;
        using var loaded = (IDisposable)Load(file);
        Assert.HasCount(3, Scores((ITransformer)loaded, 1)[0]);
        Assert.ContainsSingle(
            message => message.StartsWith("mlContext.GpuDeviceId is 99, but ", StringComparison.Ordinal)
                && message.EndsWith(" The CPU is used.", StringComparison.Ordinal), _log);
    }

    [TestMethod]
    [WithoutCudaCondition]
    public void A_model_trained_in_Float16_scores_on_the_CPU_in_another_type_with_a_notice()
    {
        using var model = Fit();
        using var half = new ImageClassificationTransformer(
            model.Definition with { Precision = ComputePrecision.Float16 }, model.Weights, Cpu, environment: null);
        byte[] file = Save(half);

        using var loaded = (IDisposable)Load(file);

        float[][] expected = Scores(model, 5), actual = Scores((ITransformer)loaded, 5);
        for (int i = 0; i < 5; i++)
            for (int c = 0; c < 3; c++)
                Assert.AreEqual(expected[i][c], actual[i][c], 0.05f);
        Assert.ContainsSingle(message => message.StartsWith(
            "The model was trained in Float16, which processors compute in slowly; it scores on the CPU in ", StringComparison.Ordinal), _log);
        CollectionAssert.AreEqual(Content(file), Content(Save((ITransformer)loaded)));
    }

    private ImageClassificationTransformer Fit() => new TinyTrainer(TinyImages.Options()).Fit(_ml.Keyed(TinyImages.Floats(60)));

    private float[][] Scores(ITransformer model, int count) =>
        [.. model.Transform(_ml.Keyed(TinyImages.Floats(count, first: 1000))).GetColumn<float[]>("Score")];

    private byte[] Save(ITransformer model)
    {
        using var stream = new MemoryStream();
        _ml.Model.Save(model, null, stream);
        return stream.ToArray();
    }

    private ITransformer Load(byte[] file) => _ml.Model.Load(new MemoryStream(file), out _);

    /// <summary>All that the exceptions of a refused file say.</summary>
    private string Refusal(byte[] file)
    {
        var messages = new List<string>();
        for (Exception? e = Assert.Throws<Exception>(() => Load(file)); e is not null; e = e.InnerException)
            messages.Add(e.Message);
        return string.Join(" | ", messages);
    }

    private static byte[] Content(byte[] file)
    {
        using var zip = new ZipArchive(new MemoryStream(file));
        using var entry = zip.Entries.Single(e => e.Name == "Model.key").Open();
        using var content = new MemoryStream();
        entry.CopyTo(content);
        return content.ToArray();
    }

    private static byte[] WithContent(byte[] file, byte[] content)
    {
        using var stream = new MemoryStream();
        stream.Write(file);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            string name = zip.Entries.Single(e => e.Name == "Model.key").FullName;
            zip.GetEntry(name)!.Delete();
            using var entry = zip.CreateEntry(name).Open();
            entry.Write(content);
        }
        return stream.ToArray();
    }

    private static int IndexOf(byte[] content, string text) =>
        content.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(text));

    private sealed class NamedBytes
    {
        public string Label { get; set; } = "";

        [VectorType(3, 8, 8)]
        public byte[] Pixels { get; set; } = [];
    }
}
