using System.IO.Compression;
using System.Text;
using TorchSharp;

namespace MlNet.ImageClassification.Tests;

/// <summary>Files that PyTorch's torch.save wrote: see Golden/torch-files.py.</summary>
[TestClass]
public sealed class TorchFileTests
{
    [TestMethod]
    [DataRow("tiny8.pth")]
    [DataRow("tiny8-checkpoint.pth", DisplayName = "a checkpoint: DataParallel's names, other types, views of larger storages")]
    public void Weights_that_PyTorch_saved_are_read(string file)
    {
        using var network = TinyWeights.Create();
        Assert.AreEqual(3, WeightsReader.Read(Golden(file), network).ClassCount);
        TinyWeights.AssertIn(network);
    }

    [TestMethod]
    [DataRow("tiny8-legacy.pth", "it is in PyTorch's format from before version 1.6. Write it anew: torch.save(")]
    [DataRow("tiny8-module.pth", "the pickle asks for '__main__.Tiny' at byte")]
    [DataRow("tiny8-module.pth", "save its weights by torch.save(model.state_dict(), path).")]
    [DataRow("tiny8-script.pt", "it is a TorchScript program. Save its weights alone: torch.save(")]
    public void Other_things_that_PyTorch_saves_are_refused_with_what_to_do(string file, string message) =>
        AssertRefused(message, Golden(file));

    [TestMethod]
    public void A_pickle_that_would_run_a_program_is_refused_by_the_programs_name()
    {
        using var folder = new TempFolder();
        AssertRefused("the pickle asks for 'os.system' at byte", WithPickle(folder, "cos\nsystem\n(S'echo'\ntR."));
        AssertRefused("the pickle asks for 'torch.load' at byte", WithPickle(folder, "ctorch\nload\n(tR."));
        AssertRefused("sets a value's state in an unknown way", WithPickle(folder, "\u0080\u0002]}b."));
    }

    [TestMethod]
    [DataRow("}.", "it holds no state dictionary, neither by itself nor as 'state_dict' or 'model_state_dict' or 'model'.")]
    [DataRow("]l.", "'data.pkl' takes values that are not there")]
    [DataRow("N.", "it holds no state dictionary")]
    [DataRow("}S'model'\n}S'a'\nK\u0001ss.", "it holds no state dictionary")]
    [DataRow("", "'data.pkl' ends too early")]
    public void A_pickle_without_a_state_dictionary_is_refused(string pickle, string message)
    {
        using var folder = new TempFolder();
        AssertRefused(message, WithPickle(folder, pickle));
    }

    [TestMethod]
    public void A_state_dictionary_with_other_things_is_refused()
    {
        using var folder = new TempFolder();
        string tensor = Tensor("FloatStorage", "6", "0", "(I2\nI3\nt", "(I3\nI1\nt");
        AssertRefused("its state dictionary holds 'b', which is no tensor.", WithPickle(folder, $"}}S'a'\n{tensor}sS'b'\nK\u0001s."));
        AssertRefused("its state dictionary holds '7', which is no tensor.", WithPickle(folder, $"}}K\u0007{tensor}s."));
    }

    [TestMethod]
    [DataRow("0", "(I2\nI3\nt", "(I3\nI1\nt", null)]
    [DataRow("0", "(I3\nI2\nt", "(I1\nI3\nt", null)]
    [DataRow("1", "(I2\nI3\nt", "(I3\nI1\nt", "'a' is the values 1 and on, in shape [2, 3] and strides [3, 1], of a storage of 6, which does not fit.")]
    [DataRow("-1", "(I2\nI3\nt", "(I3\nI1\nt", "'a' is the values -1 and on")]
    [DataRow("0", "(I2\nI3\nt", "(I4\nI1\nt", "which does not fit.")]
    [DataRow("0", "(I2\nI3\nt", "(I-1\nI1\nt", "which does not fit.")]
    [DataRow("0", "(I2\nI3\nt", "(I1\nt", "which does not fit.")]
    [DataRow("0", "(I-2\nI3\nt", "(I3\nI1\nt", "which does not fit.")]
    [DataRow("9223372036854775807", "(I2\nt", "(I9223372036854775807\nt", "which does not fit.")]
    public void A_tensor_that_reaches_beyond_its_storage_is_refused(string offset, string shape, string strides, string? message)
    {
        using var folder = new TempFolder();
        string tensor = Tensor("FloatStorage", "6", offset, shape, strides);
        string path = WithPickle(folder, $"}}S'a'\n{tensor}s.", [0, 1, 2, 3, 4, 5]);
        if (message is not null)
        {
            AssertRefused(message, path);
            return;
        }
        using var file = WeightsFile.Open(path);
        using var values = file.Read("a");
        float[] expected = shape.StartsWith("(I2") ? [0, 1, 2, 3, 4, 5] : [0, 3, 1, 4, 2, 5];
        CollectionAssert.AreEqual(expected, values.data<float>().ToArray());
    }

    [TestMethod]
    [DataRow("IntStorage", "6", "'a' is of type Int32; only Float64, Float32, Float16, BFloat16, Int64 can be read.")]
    [DataRow("QInt8Storage", "6", "the pickle asks for 'torch.QInt8Storage'")]
    [DataRow("FloatStorage", "7", "the values of 'a' take 28 bytes, but 'data/0' has 24, 24 of them in the file")]
    [DataRow("DoubleStorage", "6", "the values of 'a' take 48 bytes, but 'data/0' has 24, 24 of them in the file")]
    [DataRow("FloatStorage", "9223372036854775807", "the values of 'a' take 36893488147419103228 bytes, but 'data/0' has 24")]
    public void A_storage_of_another_type_or_size_is_refused(string type, string count, string message)
    {
        using var folder = new TempFolder();
        string path = WithPickle(folder, $"}}S'a'\n{Tensor(type, count, "0", "(I2\nI3\nt", "(I3\nI1\nt")}s.", [0, 1, 2, 3, 4, 5]);
        var exception = Assert.ThrowsExactly<InvalidDataException>(() =>
        {
            using var file = WeightsFile.Open(path);
            file.Read("a").Dispose();
        });
        Assert.Contains(message, exception.Message);
    }

    [TestMethod]
    public void Values_that_are_missing_compressed_changed_or_of_another_byte_order_are_refused()
    {
        using var folder = new TempFolder();
        AssertRefused("it lacks the values of 'conv.weight', 'data/0'; it is damaged.", Rewritten(folder, "archive/data/0", _ => null));
        AssertRefused("they must be all there and not compressed.", Rewritten(folder, "none", content => content, CompressionLevel.Optimal));
        AssertRefused("its values are not in little-endian byte order.", Rewritten(folder, "archive/byteorder", _ => "big"u8.ToArray()));

        byte[] changed = File.ReadAllBytes(Golden("tiny8.pth"));
        int position = changed.AsSpan().IndexOf(BitConverter.GetBytes(1.875f));
        changed[position] ^= 1;
        AssertRefused("does not have the checksum that the file tells; it is damaged.", folder.Write("changed.pth", changed));
    }

    [TestMethod]
    public void A_zip_file_of_another_kind_is_refused()
    {
        using var folder = new TempFolder();
        string path = folder.At("other.zip");
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Create))
            archive.CreateEntry("readme.txt").Open().Dispose();
        AssertRefused("it is a zip file, but neither a PyTorch file nor a model of this library.", path);
    }

    private static string Golden(string file) => Path.Combine(AppContext.BaseDirectory, "Golden", file);

    private static string Tensor(string storage, string count, string offset, string shape, string strides) =>
        $"ctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\n{storage}\nS'0'\nS'cpu'\nL{count}L\ntQL{offset}L\n{shape}{strides}I00\nNtR";

    /// <summary>A file with a pickle, one byte a character, and one storage.</summary>
    private static string WithPickle(TempFolder folder, string pickle, float[]? storage = null)
    {
        string path = folder.At("weights.pth");
        File.Delete(path);
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        Add(archive, "archive/data.pkl", Encoding.Latin1.GetBytes(pickle));
        Add(archive, "archive/data/0", System.Runtime.InteropServices.MemoryMarshal.AsBytes((storage ?? []).AsSpan()).ToArray());
        return path;
    }

    private static string Rewritten(
        TempFolder folder, string entry, Func<byte[], byte[]?> change, CompressionLevel compression = CompressionLevel.NoCompression)
    {
        string path = folder.At("rewritten.pth");
        File.Delete(path);
        using var source = ZipFile.OpenRead(Golden("tiny8.pth"));
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var original in source.Entries)
        {
            using var content = new MemoryStream();
            using (var stream = original.Open())
                stream.CopyTo(content);
            string name = "archive/" + original.FullName[(original.FullName.IndexOf('/') + 1)..];
            if ((name == entry ? change(content.ToArray()) : content.ToArray()) is { } changed)
                Add(archive, name, changed, compression);
        }
        if (entry == "archive/byteorder")
            Add(archive, entry, change([])!);
        return path;
    }

    private static void Add(ZipArchive archive, string name, byte[] content, CompressionLevel compression = CompressionLevel.NoCompression)
    {
        using var stream = archive.CreateEntry(name, compression).Open();
        stream.Write(content);
    }

    private static void AssertRefused(string message, string path)
    {
        using var network = TinyWeights.Create();
        var exception = Assert.ThrowsExactly<InvalidDataException>(() => WeightsReader.Read(path, network));
        Assert.StartsWith($"The weights file '{path}' cannot be used: ", exception.Message);
        Assert.Contains(message, exception.Message);
        Assert.IsTrue(network.state_dict()["conv.weight"].data<float>().All(value => value == 0), "weights were changed");
    }
}
