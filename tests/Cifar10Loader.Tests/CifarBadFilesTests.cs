using Microsoft.ML;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class CifarBadFilesTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Missing_directory_is_named()
    {
        using var directory = new TempFolder();
        var e = Assert.ThrowsExactly<DirectoryNotFoundException>(() => Load(directory.At("nowhere")));
        Assert.AreEqual($"The directory '{directory.At("nowhere")}' does not exist.", e.Message);
    }

    [TestMethod]
    public void Archive_in_place_of_the_directory_is_explained()
    {
        using var directory = new TempFolder();
        string archive = directory.Write("cifar-10-binary.tar.gz", "x");
        var e = Assert.ThrowsExactly<DirectoryNotFoundException>(() => Load(archive));
        Assert.AreEqual($"'{archive}' is a file. Cifar10.Load reads a directory; if this is the archive, unpack it first.", e.Message);
    }

    [TestMethod]
    public void Directory_without_cifar_files_tells_what_was_expected()
    {
        using var directory = new TempFolder();
        var e = Assert.ThrowsExactly<FileNotFoundException>(() => Load(directory.Path));
        StringAssert.StartsWith(e.Message, $"'{directory.Path}' holds no files for Cifar10.Load: expected data_batch_1.bin, ");
        StringAssert.Contains(e.Message, "batches.meta.txt (binary version) or data_batch_1, ");
        StringAssert.EndsWith(e.Message, "there or in a folder 'cifar-10-batches-bin' or 'cifar-10-batches-py'.");
    }

    [TestMethod]
    public void Cifar100_files_are_recognized_as_the_wrong_archive()
    {
        using var directory = new TempFolder();
        directory.Write("train.bin", SmallCifar.Record(0, 1, 2));
        var e = Assert.ThrowsExactly<FileNotFoundException>(() => Load(directory.Path));
        StringAssert.EndsWith(e.Message, "These look like the files of CIFAR-100: use Cifar100.Load.");
    }

    [TestMethod]
    public void Cifar10_files_are_recognized_as_the_wrong_archive_for_Cifar100()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);
        var e = Assert.ThrowsExactly<FileNotFoundException>(() => Cifar100.Load(_mlContext, directory.Path, Cifar10Split.Train));
        StringAssert.EndsWith(e.Message, "These look like the files of CIFAR-10: use Cifar10.Load.");
    }

    [TestMethod]
    public void Missing_class_names_file_is_named()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);
        File.Delete(directory.At("batches.meta.txt"));
        var e = Assert.ThrowsExactly<FileNotFoundException>(() => Load(directory.Path));
        Assert.AreEqual(
            $"'{directory.Path}' lacks batches.meta.txt. Unpack the archive again, or see Cifar10.DownloadAsync.", e.Message);
    }

    [TestMethod]
    public void All_missing_batches_are_named()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);
        File.Delete(directory.At("data_batch_2.bin"));
        File.Delete(directory.At("data_batch_5.bin"));
        var e = Assert.ThrowsExactly<FileNotFoundException>(() => Load(directory.Path));
        StringAssert.StartsWith(e.Message, $"'{directory.Path}' lacks data_batch_2.bin, data_batch_5.bin. ");
    }

    [TestMethod]
    public void Truncated_batch_is_refused_when_opened()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);
        string path = directory.Write("data_batch_3.bin", SmallCifar.Record(4, 4)[..3000]);
        var e = Assert.ThrowsExactly<InvalidDataException>(() => Load(directory.Path));
        Assert.AreEqual(
            $"'{path}' is truncated or no CIFAR batch: it has 3,000 bytes, which is not a whole number of records of " +
            "3,073 bytes. Fetch the file again.", e.Message);
    }

    [TestMethod]
    public void Empty_batch_is_refused()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);
        string path = directory.Write("data_batch_1.bin", []);
        var e = Assert.ThrowsExactly<InvalidDataException>(() => Load(directory.Path));
        Assert.AreEqual($"'{path}' is empty. Fetch or write the file again.", e.Message);
    }

    [TestMethod]
    public void Label_byte_without_a_class_is_refused_at_its_row_and_the_rows_before_stay_readable()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);
        string path = directory.Write("data_batch_2.bin", [.. SmallCifar.Record(2, 2), .. SmallCifar.Record(3, 10)]);
        IDataView data = Load(directory.Path);
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Label"]]);
        ValueGetter<uint> getLabel = cursor.GetGetter<uint>(data.Schema["Label"]);
        uint key = 0;
        for (int row = 0; row < 3; row++)
        {
            cursor.MoveNext();
            getLabel(ref key);
        }

        Assert.AreEqual(3u, key);
        cursor.MoveNext();
        var e = Assert.ThrowsExactly<InvalidDataException>(() => getLabel(ref key));
        Assert.AreEqual(
            $"'{path}': image 1 has the label 10, but there are 10 classes (labels 0 to 9). The file is damaged or belongs " +
            "to another data set.", e.Message);
    }

    [TestMethod]
    public void Directory_in_place_of_a_batch_cannot_be_read()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);
        File.Delete(directory.At("data_batch_1.bin"));
        Directory.CreateDirectory(directory.At("data_batch_1.bin"));
        var e = Assert.ThrowsExactly<IOException>(() => Load(directory.Path));
        StringAssert.StartsWith(e.Message, $"'{directory.At("data_batch_1.bin")}' cannot be read: ");
    }

    [TestMethod]
    [FilePermissionsCondition]
    public void Batch_without_read_permission_is_named()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);
        string path = directory.At("data_batch_1.bin");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.None);
        var e = Assert.ThrowsExactly<IOException>(() => Load(directory.Path));
        StringAssert.StartsWith(e.Message, $"'{path}' cannot be read: ");
    }

    [TestMethod]
    public void Class_names_that_differ_only_in_case_are_refused()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);
        string path = directory.Write("batches.meta.txt", "cat\nCat\n");
        var e = Assert.ThrowsExactly<InvalidDataException>(() => Load(directory.Path));
        Assert.AreEqual($"'{path}' has the classes 'cat' and 'Cat', which differ only in case. Rename one of them.", e.Message);
    }

    [TestMethod]
    public void Class_names_that_are_not_utf8_are_refused()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);
        string path = directory.Write("batches.meta.txt", [(byte)'c', 0xff, (byte)'\n']);
        var e = Assert.ThrowsExactly<InvalidDataException>(() => Load(directory.Path));
        Assert.AreEqual($"'{path}' is not UTF-8 text. Save the class names as UTF-8.", e.Message);
    }

    [TestMethod]
    public void Empty_class_names_file_is_refused()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);
        string path = directory.Write("batches.meta.txt", "\n\n");
        var e = Assert.ThrowsExactly<InvalidDataException>(() => Load(directory.Path));
        Assert.AreEqual($"'{path}' names 0 classes; expected 1 to 256.", e.Message);
    }

    [TestMethod]
    public void Unknown_split_is_refused()
    {
        using var directory = new TempFolder();
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Cifar10.Load(_mlContext, directory.Path, (Cifar10Split)7));
        StringAssert.StartsWith(e.Message, "The split must be Cifar10Split.Train or Cifar10Split.Test.");
    }

    private IDataView Load(string directory) => Cifar10.Load(_mlContext, directory, Cifar10Split.Train);
}
