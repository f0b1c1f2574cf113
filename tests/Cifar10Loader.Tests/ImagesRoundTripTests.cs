using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class ImagesRoundTripTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Generate_export_from_images_load_keeps_labels_pixels_and_order_through_the_manifest()
    {
        using var directory = new TempFolder();
        Cifar10.Generate(directory.At("drawn"), 60, 20);

        foreach (Cifar10Split split in Enum.GetValues<Cifar10Split>())
        {
            IDataView drawn = Cifar10.Load(_mlContext, directory.At("drawn"), split);
            string manifest = Cifar10.ExportImages(drawn, directory.At("png", split.ToString()));
            Cifar10.FromImages(ImageManifest.Load(_mlContext, manifest, classNames: drawn.GetClassNames()), directory.At("back"), split);
        }

        foreach (string name in new[] { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin", "batches.meta.txt" })
            CollectionAssert.AreEqual(File.ReadAllBytes(directory.At("drawn", name)), File.ReadAllBytes(directory.At("back", name)), name);
    }

    [TestMethod]
    public void Class_folders_of_an_export_hold_the_same_images_by_class()
    {
        using var directory = new TempFolder();
        Cifar10.Generate(directory.At("drawn"), 60, 20);
        IDataView drawn = Cifar10.Load(_mlContext, directory.At("drawn"), Cifar10Split.Train);
        Cifar10.ExportImages(drawn, directory.At("png"));
        Cifar10.FromImages(ImageFolder.Load(_mlContext, directory.At("png")), directory.At("back"), Cifar10Split.Train);
        IDataView back = Cifar10.Load(_mlContext, directory.At("back"), Cifar10Split.Train);

        CollectionAssert.AreEqual(DrawnImages.ClassNames.Order(StringComparer.Ordinal).ToArray(), back.GetClassNames().ToArray());
        CollectionAssert.AreEquivalent(Labeled(drawn), Labeled(back));

        static List<string> Labeled(IDataView data)
        {
            IReadOnlyList<string> names = data.GetClassNames();
            return [.. Rows.Keys(data).Zip(Rows.Pixels(data), (key, pixels) => names[(int)key - 1] + Convert.ToHexString(SHA256.HashData(pixels)))];
        }
    }

    [TestMethod]
    public void Exported_manifest_lists_path_and_label_of_each_row()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, folder: "cifar");
        string manifest = Cifar10.ExportImages(
            Cifar10.Load(_mlContext, directory.At("cifar"), Cifar10Split.Train), directory.At("png"));

        CollectionAssert.AreEqual(
            new[] { "ImagePath\tLabel", "airplane/00000.png\tairplane", "automobile/00001.png\tautomobile" },
            File.ReadAllLines(manifest)[..3]);
        Assert.AreEqual(directory.At("png", "images.tsv"), manifest);
    }

    [TestMethod]
    public void Images_of_any_size_become_32_by_32()
    {
        using var directory = new TempFolder();

        // 64 x 128, halves black and white: of the centered square (rows 32 to 96) the upper half is black.
        var pixels = new byte[3 * 64 * 128];
        pixels.AsSpan(3 * 64 * 64).Fill(255);
        directory.Write("photos/a/x.png", new RgbImage(64, 128, pixels).EncodePng());
        Cifar10.FromImages(ImageFolder.Load(_mlContext, directory.At("photos")), directory.At("small"), Cifar10Split.Test);

        byte[] result = Rows.Pixels(Cifar10.Load(_mlContext, directory.At("small"), Cifar10Split.Test)).Single();
        for (int plane = 0; plane < 3; plane++)
        {
            Assert.IsTrue(result.AsSpan(plane * 1024, 512).IndexOfAnyExcept((byte)0) < 0);
            Assert.IsTrue(result.AsSpan(plane * 1024 + 512, 512).IndexOfAnyExcept((byte)255) < 0);
        }
    }

    [TestMethod]
    [PythonCondition]
    public void Batches_written_here_are_read_by_torchvision_and_its_pickles_by_us()
    {
        using var directory = new TempFolder();
        Cifar10.Generate(directory.At("drawn"), 60, 20);
        string[] output = Python.Run("read_batches.py", directory.At("drawn"), directory.Path).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.AreEqual(string.Join(" ", DrawnImages.ClassNames), output[0]);
        int line = 1;
        foreach (Cifar10Split split in Enum.GetValues<Cifar10Split>())
        {
            IDataView binary = Cifar10.Load(_mlContext, directory.At("drawn"), split);
            List<byte[]> pixels = Rows.Pixels(binary);
            byte[] interleaved = [.. pixels.SelectMany(planes => RgbImage.FromPlanes(32, 32, planes).Pixels)];
            Assert.AreEqual(string.Join(" ", Rows.Keys(binary).Select(key => key - 1)), output[line++]);
            Assert.AreEqual(Convert.ToHexStringLower(SHA256.HashData(interleaved)), output[line++]);

            IDataView pickled = Cifar10.Load(_mlContext, directory.At("cifar-10-batches-py"), split);
            CollectionAssert.AreEqual(Rows.Keys(binary), Rows.Keys(pickled));
            CollectionAssert.AreEqual(pixels.SelectMany(planes => planes).ToArray(), Rows.Pixels(pickled).SelectMany(planes => planes).ToArray());
        }
    }

    [TestMethod]
    public void Export_does_not_touch_a_directory_that_is_not_empty()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, folder: "cifar");
        directory.Write("png/mine.txt", "precious");
        var e = Assert.ThrowsExactly<IOException>(
            () => Cifar10.ExportImages(Cifar10.Load(_mlContext, directory.At("cifar"), Cifar10Split.Test), directory.At("png")));
        Assert.AreEqual($"'{directory.At("png")}' exists and is not an empty directory. Choose another one.", e.Message);
        Assert.AreEqual("precious", File.ReadAllText(directory.At("png", "mine.txt")));
    }

    [TestMethod]
    public void Export_that_fails_leaves_nothing_behind()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, folder: "cifar");
        directory.Write("cifar/test_batch.bin", [.. SmallCifar.Record(0, 1), .. SmallCifar.Record(0, 77)]);
        Assert.ThrowsExactly<InvalidDataException>(
            () => Cifar10.ExportImages(Cifar10.Load(_mlContext, directory.At("cifar"), Cifar10Split.Test), directory.At("png")));
        CollectionAssert.AreEqual(new[] { directory.At("cifar") }, Directory.GetFileSystemEntries(directory.Path));
    }

    [TestMethod]
    [DataRow("cat/dog")]
    [DataRow("..")]
    [DataRow(".hidden")]
    [DataRow("tab\there")]
    public void Class_name_that_is_no_folder_name_is_not_exported(string name)
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, folder: "cifar");
        File.WriteAllText(directory.At("cifar", "batches.meta.txt"), string.Join("\n", SmallCifar.ClassNames[..9]) + $"\n{name}\n");
        var e = Assert.ThrowsExactly<ArgumentException>(
            () => Cifar10.ExportImages(Cifar10.Load(_mlContext, directory.At("cifar"), Cifar10Split.Test), directory.At("png")));
        Assert.AreEqual($"The class name '{name}' cannot be a folder name on every system. Rename the class.", e.Message);
    }

    [TestMethod]
    public void Image_that_does_not_decode_is_named_and_no_batch_is_written()
    {
        using var directory = new TempFolder();
        string path = directory.Write("photos/a/broken.jpg", "this is no JPEG");
        var e = Assert.ThrowsExactly<InvalidDataException>(
            () => Cifar10.FromImages(ImageFolder.Load(_mlContext, directory.At("photos")), directory.At("small"), Cifar10Split.Test));
        StringAssert.StartsWith(e.Message, $"'{path}' is no image that can be decoded: ");
        Assert.AreEqual(0, Directory.GetFiles(directory.At("small")).Length);
    }

    [TestMethod]
    public void Splits_of_one_directory_must_have_the_same_classes()
    {
        using var directory = new TempFolder();
        byte[] png = new RgbImage(1, 1, [1, 2, 3]).EncodePng();
        directory.Write("one/a/x.png", png);
        directory.Write("two/b/x.png", png);
        Cifar10.FromImages(ImageFolder.Load(_mlContext, directory.At("one")), directory.At("small"), Cifar10Split.Test);
        for (int i = 0; i < 4; i++)
            directory.Write($"two/b/{i}.png", png);
        var e = Assert.ThrowsExactly<InvalidOperationException>(
            () => Cifar10.FromImages(ImageFolder.Load(_mlContext, directory.At("two")), directory.At("small"), Cifar10Split.Train));
        Assert.AreEqual(
            $"'{directory.At("small", "batches.meta.txt")}' names the classes a, but the images to write have b. Both splits " +
            "of one directory have the same classes.", e.Message);
    }

    [TestMethod]
    public void Fewer_images_than_files_are_refused()
    {
        using var directory = new TempFolder();
        directory.Write("photos/a/x.png", new RgbImage(1, 1, [1, 2, 3]).EncodePng());
        var e = Assert.ThrowsExactly<InvalidOperationException>(
            () => Cifar10.FromImages(ImageFolder.Load(_mlContext, directory.At("photos")), directory.At("small"), Cifar10Split.Train));
        Assert.AreEqual(
            $"There are 1 images for the 5 files of the Train split in '{directory.At("small")}'; each file needs at least one image.",
            e.Message);
    }

    [TestMethod]
    public void Data_without_an_image_column_is_refused()
    {
        using var directory = new TempFolder();
        var schema = new DataViewSchema.Builder();
        ClassLabels.AddKeyColumn(schema, "Label", ["a"]);
        schema.AddColumn("Pixels", new VectorDataViewType(NumberDataViewType.Single, 3, 32, 32));
        var data = new IndexedDataView(schema.ToSchema(), 0);
        var e = Assert.ThrowsExactly<ArgumentException>(() => Cifar10.ExportImages(data, directory.At("png")));
        StringAssert.StartsWith(
            e.Message,
            "There is no column Pixels (Vector<Byte> [3, H, W]), Image (MLImage) or ImagePath (text); the data has Label (");
    }
}
