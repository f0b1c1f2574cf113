using Microsoft.ML;
using Microsoft.ML.Data;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class RealPhotosTests
{
    private static readonly string[] Flowers = ["daisy", "dandelion", "roses", "sunflowers", "tulips"];

    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [RealDataCondition(RealData.FlowersFolder, RealData.FlowersArchive)]
    public void Flower_folder_loads_splits_by_class_and_goes_through_the_image_pipeline()
    {
        using var directory = new TempFolder();
        string flowers = RealData.Flowers(directory);

        IDataView train = ImageFolder.Load(_mlContext, Path.Combine(flowers, "train"));
        IDataView val = ImageFolder.Load(_mlContext, Path.Combine(flowers, "val"), train.GetClassNames());

        CollectionAssert.AreEqual(Flowers, train.GetClassNames().ToArray());
        Assert.AreEqual(500L, train.GetRowCount());
        Assert.AreEqual(150L, val.GetRowCount());
        IDataView test = _mlContext.Data.TrainTestSplitByClass(train, 0.2, seed: 1).TestSet;
        Assert.IsTrue(Rows.Keys(test).CountBy(key => key).All(count => count.Value == 20));
        List<byte[]> pixels = Pixels(_mlContext.Data.TakeRows(val, 20), "");
        Assert.AreEqual(20, pixels.Count);
        Assert.IsTrue(pixels.All(image => image.Distinct().Count() > 50));
    }

    [TestMethod]
    [RealDataCondition(RealData.FlowersFolder, RealData.FlowersArchive)]
    public void Flower_manifest_gives_the_rows_of_the_folder()
    {
        using var directory = new TempFolder();
        string val = Path.Combine(RealData.Flowers(directory), "val");
        IDataView folder = ImageFolder.Load(_mlContext, val);
        IEnumerable<string> lines = Rows.Texts(folder, "ImagePath")
            .Zip(Rows.Texts(folder, "ClassName"), (path, name) => $"{Path.GetRelativePath(val, path)},{name}\n");
        string manifest = directory.Write("val.csv", "path,label\n" + string.Concat(lines));

        IDataView listed = ImageManifest.Load(_mlContext, manifest, imageFolder: val);

        CollectionAssert.AreEqual(Rows.Keys(folder), Rows.Keys(listed));
        CollectionAssert.AreEqual(Rows.Texts(folder, "ImagePath"), Rows.Texts(listed, "ImagePath"));
    }

    [TestMethod]
    [RealDataCondition(RealData.CifarFolder, RealData.CifarArchive)]
    public void Cifar10_photos_become_batches_with_the_same_pixels()
    {
        using var directory = new TempFolder();
        IDataView photos = ImageFolder.Load(_mlContext, RealData.CifarTest(directory));

        Cifar10.FromImages(photos, directory.At("batches"), Cifar10Split.Test);

        IDataView batches = Cifar10.Load(_mlContext, directory.At("batches"), Cifar10Split.Test);
        CollectionAssert.AreEqual(SmallCifar.ClassNames, batches.GetClassNames().ToArray());
        CollectionAssert.AreEqual(Rows.Keys(photos), Rows.Keys(batches));
        List<byte[]> expected = Pixels(photos, "");
        List<byte[]> pixels = Rows.Pixels(batches);
        for (int i = 0; i < pixels.Count; i++)
            CollectionAssert.AreEqual(expected[i], pixels[i]);
    }

    /// <summary>The pipeline that users of ML.NET write, from text labels and paths to pixels and keys.</summary>
    [TestMethod]
    public void Export_feeds_the_text_loader_LoadImages_and_MapValueToKey()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, folder: "cifar");
        IDataView cifar = Cifar10.Load(_mlContext, directory.At("cifar"), Cifar10Split.Train);
        string manifest = Cifar10.ExportImages(cifar, directory.At("png"));

        IDataView rows = _mlContext.Data.LoadFromTextFile(
            manifest,
            [new TextLoader.Column("ImagePath", DataKind.String, 0), new TextLoader.Column("Label", DataKind.String, 1)],
            hasHeader: true);
        IDataView keyed = _mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(rows).Transform(rows);

        CollectionAssert.AreEqual(Rows.Keys(cifar), Rows.Keys(keyed));
        List<byte[]> expected = Rows.Pixels(cifar);
        List<byte[]> pixels = Pixels(rows, directory.At("png"));
        for (int i = 0; i < expected.Count; i++)
            CollectionAssert.AreEqual(expected[i], pixels[i]);
    }

    private List<byte[]> Pixels(IDataView rows, string imageFolder)
    {
        var pipeline = _mlContext.Transforms.LoadImages("Image", imageFolder, "ImagePath")
            .Append(_mlContext.Transforms.ResizeImages("Image", 32, 32))
            .Append(_mlContext.Transforms.ExtractPixels("Pixels", "Image", outputAsFloatArray: false));
        return Rows.Pixels(pipeline.Fit(rows).Transform(rows));
    }
}
