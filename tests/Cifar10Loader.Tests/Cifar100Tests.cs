using Microsoft.ML;
using Microsoft.ML.Data;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class Cifar100Tests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Binary_records_give_fine_and_coarse_labels_and_pixels()
    {
        using var directory = new TempFolder();
        string folder = "cifar-100-binary";
        directory.Write(folder + "/train.bin", [.. SmallCifar.Record(0, 1, 3), .. SmallCifar.Record(1, 0, 2)]);
        directory.Write(folder + "/fine_label_names.txt", "apple\npear\nwolf\nfox\n");
        directory.Write(folder + "/coarse_label_names.txt", "fruit\nbeast\n");

        IDataView data = Cifar100.Load(_mlContext, directory.Path, Cifar10Split.Train);

        CollectionAssert.AreEqual(
            new[] { "Label", "CoarseLabel", "Image", "Pixels" }, data.Schema.Select(column => column.Name).ToArray());
        CollectionAssert.AreEqual(new List<uint> { 4, 3 }, Rows.Keys(data));
        CollectionAssert.AreEqual(new List<uint> { 2, 1 }, Rows.Keys(data, "CoarseLabel"));
        CollectionAssert.AreEqual(new[] { "apple", "pear", "wolf", "fox" }, data.GetClassNames().ToArray());
        CollectionAssert.AreEqual(new[] { "fruit", "beast" }, data.GetClassNames("CoarseLabel").ToArray());
        Assert.AreEqual(2UL, ((KeyDataViewType)data.Schema["CoarseLabel"].Type).Count);
        CollectionAssert.AreEqual(SmallCifar.Pixels(1), Rows.Pixels(data)[1]);
    }

    [TestMethod]
    public void Coarse_label_without_a_class_is_refused()
    {
        using var directory = new TempFolder();
        string path = directory.Write("test.bin", SmallCifar.Record(0, 2, 0));
        directory.Write("fine_label_names.txt", "apple\n");
        directory.Write("coarse_label_names.txt", "fruit\nbeast\n");

        IDataView data = Cifar100.Load(_mlContext, directory.Path, Cifar10Split.Test);

        CollectionAssert.AreEqual(new List<uint> { 1 }, Rows.Keys(data));
        var e = Assert.ThrowsExactly<InvalidDataException>(() => Rows.Keys(data, "CoarseLabel"));
        StringAssert.StartsWith(e.Message, $"'{path}': image 0 has the label 2, but there are 2 classes (labels 0 to 1).");
    }

    [TestMethod]
    public void Missing_fine_names_are_named()
    {
        using var directory = new TempFolder();
        directory.Write("train.bin", SmallCifar.Record(0, 1, 3));
        directory.Write("coarse_label_names.txt", "fruit\nbeast\n");
        var e = Assert.ThrowsExactly<FileNotFoundException>(
            () => Cifar100.Load(_mlContext, directory.Path, Cifar10Split.Train));
        StringAssert.StartsWith(e.Message, $"'{directory.Path}' lacks fine_label_names.txt.");
    }

    [TestMethod]
    [PythonCondition]
    public void Python_version_gives_fine_and_coarse_labels()
    {
        using var directory = new TempFolder();
        Python.Run("write_cifar100.py", directory.Path);

        IDataView data = Cifar100.Load(_mlContext, directory.Path, Cifar10Split.Train);

        CollectionAssert.AreEqual(new List<uint> { 4, 3 }, Rows.Keys(data));
        CollectionAssert.AreEqual(new List<uint> { 2, 1 }, Rows.Keys(data, "CoarseLabel"));
        CollectionAssert.AreEqual(new[] { "apple", "pear", "wolf", "fox" }, data.GetClassNames().ToArray());
        CollectionAssert.AreEqual(SmallCifar.Pixels(1), Rows.Pixels(data)[1]);
    }
}
