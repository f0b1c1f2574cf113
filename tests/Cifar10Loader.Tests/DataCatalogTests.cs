using Microsoft.ML;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class DataCatalogTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Folders_and_manifests_load_through_the_catalog_and_warn_through_its_context()
    {
        using var directory = new TempFolder();
        directory.Write("photos/cat/1.png", "image");
        directory.Write("photos/cat/2.tif", "image");
        string manifest = directory.Write("list.csv", "path,label\nphotos/cat/1.png,cat\nphotos/cat/2.tif,cat\n");
        var warnings = new Warnings(_mlContext);

        IDataView folder = _mlContext.Data.LoadImageFolder(directory.At("photos"), filter: path => path.StartsWith("cat/"));
        IDataView listed = _mlContext.Data.LoadImageManifest(manifest, labelColumn: "label");

        CollectionAssert.AreEqual(new List<string> { directory.At("photos", "cat", "1.png") }, Rows.Texts(folder, "ImagePath"));
        CollectionAssert.AreEqual(new List<string> { directory.At("photos", "cat", "1.png") }, Rows.Texts(listed, "ImagePath"));
        Assert.HasCount(2, warnings.Messages);
    }

    [TestMethod]
    public void Cifar_loads_through_the_catalog()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, perBatch: 3);
        directory.Write("100/test.bin", SmallCifar.Record(0, 0, 1));
        directory.Write("100/fine_label_names.txt", "apple\npear\n");
        directory.Write("100/coarse_label_names.txt", "fruit\n");

        Assert.AreEqual(15L, _mlContext.Data.LoadCifar10(directory.Path, Cifar10Split.Train).GetRowCount());
        Assert.AreEqual(2u, Rows.Keys(_mlContext.Data.LoadCifar100(directory.At("100"), Cifar10Split.Test)).Single());
    }
}
