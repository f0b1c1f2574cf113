using System.Text;
using Microsoft.ML;

namespace Cifar10Loader.Tests;

/// <summary>Mutants of every file this library reads are refused with a message or loaded right; nothing else happens.</summary>
[TestClass]
public sealed class FuzzTests
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly TempFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void Binary_batches()
    {
        SmallCifar.Write(_folder);
        byte[] valid = File.ReadAllBytes(_folder.At("test_batch.bin"));
        Mutants.Check("CIFAR binary", valid, file =>
        {
            _folder.Write("test_batch.bin", file);
            var data = Cifar10.Load(_mlContext, _folder.Path, Cifar10Split.Test);
            var (labels, pixels) = (Rows.Keys(data), Rows.Pixels(data));
            // A record is a label and the pixels as they are.
            CollectionAssert.AreEqual(file, labels.Zip(pixels).SelectMany(row => row.Second.Prepend((byte)(row.First - 1))).ToArray());
            return file.AsSpan().SequenceEqual(valid);
        }, IsRefusal);
    }

    [TestMethod]
    [DataRow("batch_protocol0.pickle")]
    [DataRow("batch_protocol2.pickle")]
    [DataRow("batch_protocol5.pickle")]
    public void Python_batches(string golden)
    {
        foreach (string name in new[] { "test_batch", "batches.meta" })
        {
            _folder.Write("batches.meta", Names());
            byte[] batch = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", golden));
            _folder.Write("test_batch", batch);
            byte[][]? expected = null;
            Mutants.Check($"CIFAR {golden}, {name}", name == "test_batch" ? batch : Names(), file =>
            {
                _folder.Write(name, file);
                var data = Cifar10.Load(_mlContext, _folder.Path, Cifar10Split.Test);
                var (labels, pixels) = (Rows.Keys(data), Rows.Pixels(data));
                Assert.HasCount(labels.Count, pixels);
                Assert.IsTrue(labels.All(label => label >= 1 && label <= data.GetClassNames().Count));
                byte[][] content = [[.. labels.Select(label => (byte)label)], .. pixels, Encoding.UTF8.GetBytes(string.Join('\n', data.GetClassNames()))];
                expected ??= content;
                return content.Length == expected.Length && content.Zip(expected).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
            }, IsRefusal);
        }

        static byte[] Names() => [0x80, 2, .. "}U\u000blabel_names]("u8, .. SmallCifar.ClassNames.SelectMany(name => (byte[])[(byte)'U', (byte)name.Length, .. Encoding.ASCII.GetBytes(name)]), .. "es."u8];
    }

    [TestMethod]
    public void Class_names()
    {
        SmallCifar.Write(_folder);
        Mutants.Check("class names", File.ReadAllBytes(_folder.At("batches.meta.txt")), file =>
        {
            _folder.Write("batches.meta.txt", file);
            var names = Cifar10.Load(_mlContext, _folder.Path, Cifar10Split.Test).GetClassNames();
            CollectionAssert.AllItemsAreUnique(names.ToArray());
            Assert.IsTrue(names.All(name => name.Trim().Length > 0));
            return names.SequenceEqual(SmallCifar.ClassNames);
        }, IsRefusal);
    }

    [TestMethod]
    public void Manifests()
    {
        string[] paths = [.. Enumerable.Range(0, 6).Select(i => _folder.Write($"photos/a photo, {i}.jpg", "x"))];
        byte[] valid = Encoding.UTF8.GetBytes("ImagePath,Label,Note\n" + string.Concat(paths.Index().Select(photo =>
            $"\"photos/a photo, {photo.Index}.jpg\",{(photo.Index % 2 == 0 ? "kätzchen" : "\"a \"\"dog\"\"\"")},{photo.Index}\r\n")));
        Mutants.Check("manifest", valid, file =>
        {
            string manifest = _folder.Write("list.csv", file);
            var data = ImageManifest.Load(_mlContext, manifest, skipMissing: true);
            var found = Rows.Texts(data, "ImagePath");
            Assert.IsTrue(found.All(File.Exists));
            Assert.IsTrue(Rows.Keys(data).All(label => label >= 1 && label <= data.GetClassNames().Count));
            return found.SequenceEqual(paths) && data.GetClassNames().SequenceEqual(["a \"dog\"", "kätzchen"]);
        }, IsRefusal);
    }

    private static bool IsRefusal(Exception e) => e is InvalidDataException;
}
