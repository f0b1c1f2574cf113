using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using CsCheck;
using Microsoft.ML;

namespace MlNet.ImageClassification.Tests;

/// <summary>Mutants of every file this library reads are refused with a message or loaded right; nothing else happens.</summary>
[TestClass]
public sealed class FuzzTests
{
    private readonly TempFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Safetensors()
    {
        using var network = TinyWeights.Create();
        network.Initialize(1);
        SafeTensorsFile.Write(_folder.At("whole"), network.state_dict().Select(entry => (entry.Key, entry.Value.detach())));
        CheckWeights("safetensors", File.ReadAllBytes(_folder.At("whole")), check: AssertAsInSafetensors);
    }

    /// <summary>The format has no checksums: the weights are those of the bytes where the header says.</summary>
    private static void AssertAsInSafetensors(byte[] file, Dictionary<string, byte[]> weights)
    {
        int header = (int)BitConverter.ToInt64(file);
        using var json = JsonDocument.Parse(file.AsMemory(sizeof(long), header));
        foreach (var tensor in json.RootElement.EnumerateObject().Where(entry => weights.ContainsKey(entry.Name)))
        {
            int[] places = [.. tensor.Value.GetProperty("data_offsets").EnumerateArray().Select(place => sizeof(long) + header + place.GetInt32())];
            // A classifier of another number of classes is left out.
            if (weights[tensor.Name].Length == places[1] - places[0])
                CollectionAssert.AreEqual(file[places[0]..places[1]], weights[tensor.Name], tensor.Name);
        }
    }

    [TestMethod]
    [DataRow("tiny8.pth")]
    [DataRow("tiny8-checkpoint.pth")]
    public void PyTorch_files(string golden) => CheckWeights(golden, Golden(golden));

    [TestMethod]
    public void Pickles_of_PyTorch_files_whose_checksums_are_right()
    {
        byte[] file = Golden("tiny8.pth");
        byte[] pickle = Entry(file, TorchFile.EntryName);
        CheckWeights("pickle of tiny8.pth", pickle, mutant => WithEntry(file, TorchFile.EntryName, mutant));
    }

    [TestMethod]
    public void Models() => CheckWeights("model.zip", Golden("golden-v1.zip"));

    [TestMethod]
    public void Payloads_of_models()
    {
        byte[] payload = Payload();
        Mutants.Check("model payload", payload, file => AreSame(payload, file), IsRefusalOfModel);
    }

    [TestMethod]
    public void Payloads_of_models_whose_checksums_are_right()
    {
        byte[] payload = Payload();
        Mutants.Check("sealed model payload", payload, file => AreSame(payload, file), IsRefusalOfModel, SealedMutants(payload, sizeof(int)));
    }

    [TestMethod]
    public void Checkpoints()
    {
        byte[] checkpoint = Checkpoint();
        Mutants.Check("checkpoint", checkpoint, file => IsSameCheckpoint(checkpoint, file), IsRefusalOfCheckpoint);
    }

    [TestMethod]
    public void Checkpoints_whose_checksums_are_right()
    {
        byte[] checkpoint = Checkpoint();
        int start = 1 + checkpoint[0];
        Mutants.Check("sealed checkpoint", checkpoint, file => IsSameCheckpoint(checkpoint, file), IsRefusalOfCheckpoint, SealedMutants(checkpoint, start));
    }

    [TestMethod]
    public void A_model_whose_numbers_ask_for_a_network_larger_than_the_file_is_refused_before_it_is_built()
    {
        using var model = new TinyTrainer(TinyImages.Options(), new MLContext(seed: 1)).Fit(new MLContext(seed: 1).Keyed(TinyImages.Floats(30)));
        Assert.AreEqual(
            "The model has 2147483647 classes, but weights for another number. The file is damaged.",
            Refusal(model.Definition with { ClassCount = int.MaxValue }));
        Assert.AreEqual(
            "The model is for images of 1073741824 channels, but its weights are for another number. The file is damaged.",
            Refusal(model.Definition with { Layout = model.Definition.Layout with { Shape = new ImageShape(1 << 30, 8, 8) } }));

        string Refusal(ModelDefinition definition) =>
            Assert.ThrowsExactly<InvalidDataException>(() => definition.BuildNetwork(model.Weights)).Message;
    }

    private void CheckWeights(string name, byte[] valid, Func<byte[], byte[]>? complete = null, Action<byte[], Dictionary<string, byte[]>>? check = null)
    {
        using var network = TinyWeights.Create();
        string path = _folder.At("mutant");
        byte[][]? expected = null;
        Mutants.Check(name, valid, file =>
        {
            File.WriteAllBytes(path, complete is null ? file : complete(file));
            WeightsReader.Read(path, network);
            Assert.IsTrue(NetworkWeights.AreFinite(network));
            var weights = NetworkWeights.Of(network).ToDictionary();
            check?.Invoke(file, weights);
            byte[][] content = [.. weights.Values];
            expected ??= content;
            return content.Zip(expected).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
        }, e => e is InvalidDataException && e.Message.StartsWith($"The weights file '{path}' cannot be used: ", StringComparison.Ordinal));
    }

    /// <summary>Mutants of one of the checked blocks of a file, with the length and the checksum that fit it.</summary>
    private static Gen<byte[]> SealedMutants(byte[] file, int start)
    {
        var blocks = new List<(int Start, int Length)>();
        for (int place = start; place < file.Length;)
        {
            // The number of the tensors stands between the blocks.
            int length = BitConverter.ToInt32(file, place);
            bool isBlock = length >= 0 && place + sizeof(int) + length + SHA256.HashSizeInBytes <= file.Length
                && SHA256.HashData(file.AsSpan(place + sizeof(int), length)).AsSpan().SequenceEqual(file.AsSpan(place + sizeof(int) + length, SHA256.HashSizeInBytes));
            if (isBlock)
                blocks.Add((place, length));
            place += sizeof(int) + (isBlock ? length + SHA256.HashSizeInBytes : 0);
        }
        Assert.IsGreaterThan(5, blocks.Count);
        // The header is the block with the most to get wrong.
        return Gen.Frequency((1, Gen.Const(blocks[0])), (1, Gen.OneOf([.. blocks]))).SelectMany(block =>
            Mutants.Of(file[(block.Start + sizeof(int))..(block.Start + sizeof(int) + block.Length)]).Select(content => (byte[])
            [
                .. file[..block.Start], .. BitConverter.GetBytes(content.Length), .. content, .. SHA256.HashData(content),
                .. file[(block.Start + sizeof(int) + block.Length + SHA256.HashSizeInBytes)..],
            ]));
    }

    private static byte[] Payload()
    {
        using var model = new TinyTrainer(TinyImages.Options(), new MLContext(seed: 1)).Fit(new MLContext(seed: 1).Keyed(TinyImages.Floats(30)));
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        ModelPayload.Write(writer, model.Definition, model.Weights);
        return file.ToArray();
    }

    /// <summary>Reads a payload as Model.Load does: the network is built of it.</summary>
    private static bool AreSame(byte[] expected, byte[] file)
    {
        var (definition, weights) = ModelPayload.Read(new BinaryReader(new MemoryStream(file)));
        using var network = definition.BuildNetwork(weights);
        using var written = new MemoryStream();
        using var writer = new BinaryWriter(written);
        ModelPayload.Write(writer, definition, NetworkWeights.Of(network));
        return expected.AsSpan().SequenceEqual(written.ToArray());
    }

    private byte[] Checkpoint()
    {
        var options = TinyImages.Options();
        options.Epoch = 2;
        options.WorkspacePath = _folder.Path;
        using var model = new TinyTrainer(options, new MLContext(seed: 1)).Fit(new MLContext(seed: 1).Keyed(TinyImages.Floats(30)));
        return File.ReadAllBytes(Directory.GetFiles(_folder.Path, "checkpoint-*.mlnetcnn").Max()!);
    }

    private static bool IsSameCheckpoint(byte[] expected, byte[] file)
    {
        var checkpoint = MlNet.ImageClassification.Checkpoint.Read(new MemoryStream(file));
        using var written = new MemoryStream();
        checkpoint.Write(written);
        // What a training asks of it before it goes on.
        _ = checkpoint.Identity.DifferencesFrom(new TrainingIdentity());
        return expected.AsSpan().SequenceEqual(written.ToArray());
    }

    private static bool IsRefusalOfCheckpoint(Exception e) => e is InvalidDataException or EndOfStreamException;

    // The family is not there, or has no such network.
    private static bool IsRefusalOfModel(Exception e) =>
        IsRefusalOfCheckpoint(e) || e is InvalidOperationException || e.GetType() == typeof(ArgumentException);

    private static byte[] Golden(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", name));

    private static byte[] Entry(byte[] file, string name)
    {
        using var zip = new ZipArchive(new MemoryStream(file));
        using var content = new MemoryStream();
        using var stream = zip.Entries.Single(entry => entry.Name == name).Open();
        stream.CopyTo(content);
        return content.ToArray();
    }

    private static byte[] WithEntry(byte[] file, string name, byte[] content)
    {
        using var changed = new MemoryStream();
        using (var from = new ZipArchive(new MemoryStream(file)))
        using (var to = new ZipArchive(changed, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var entry in from.Entries)
            {
                using var target = to.CreateEntry(entry.FullName, CompressionLevel.NoCompression).Open();
                if (entry.Name == name)
                    target.Write(content);
                else
                    entry.Open().CopyTo(target);
            }
        return changed.ToArray();
    }
}
