using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class Cifar10LoadTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Schema_is_key_label_with_class_names_image_and_pixel_planes()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);

        IDataView data = Cifar10.Load(_mlContext, directory.Path, Cifar10Split.Train);

        CollectionAssert.AreEqual(new[] { "Label", "Image", "Pixels" }, data.Schema.Select(column => column.Name).ToArray());
        var label = (KeyDataViewType)data.Schema["Label"].Type;
        Assert.AreEqual(typeof(uint), label.RawType);
        Assert.AreEqual(10UL, label.Count);
        CollectionAssert.AreEqual(SmallCifar.ClassNames, data.GetClassNames().ToArray());
        var image = (ImageDataViewType)data.Schema["Image"].Type;
        Assert.AreEqual(32, image.Width);
        Assert.AreEqual(32, image.Height);
        var pixels = (VectorDataViewType)data.Schema["Pixels"].Type;
        Assert.AreEqual(NumberDataViewType.Byte, pixels.ItemType);
        CollectionAssert.AreEqual(new[] { 3, 32, 32 }, pixels.Dimensions.ToArray());
        Assert.IsTrue(data.CanShuffle);
    }

    [TestMethod]
    public void Training_rows_are_those_of_the_five_batches_in_order()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, perBatch: 3);

        IDataView data = Cifar10.Load(_mlContext, directory.Path, Cifar10Split.Train);

        Assert.AreEqual(15L, data.GetRowCount());
        CollectionAssert.AreEqual(Enumerable.Range(0, 15).Select(i => (uint)(i % 10 + 1)).ToList(), Rows.Keys(data));
        List<byte[]> pixels = Rows.Pixels(data);
        for (int i = 0; i < 15; i++)
            CollectionAssert.AreEqual(SmallCifar.Pixels(i), pixels[i]);
    }

    [TestMethod]
    public void Test_rows_are_those_of_the_test_batch()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, perBatch: 3);

        IDataView data = Cifar10.Load(_mlContext, directory.Path, Cifar10Split.Test);

        CollectionAssert.AreEqual(new List<uint> { 6, 7, 8 }, Rows.Keys(data));
        CollectionAssert.AreEqual(SmallCifar.Pixels(15), Rows.Pixels(data)[0]);
    }

    [TestMethod]
    public void Folder_of_the_archive_is_found_inside_the_given_directory()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, folder: "cifar-10-batches-bin");

        Assert.AreEqual(10L, Cifar10.Load(_mlContext, directory.Path, Cifar10Split.Train).GetRowCount());
    }

    [TestMethod]
    public void Image_has_the_pixels_of_the_planes()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);

        IDataView data = Cifar10.Load(_mlContext, directory.Path, Cifar10Split.Train);
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Image"]]);
        ValueGetter<MLImage> getImage = cursor.GetGetter<MLImage>(data.Schema["Image"]);
        MLImage? image = null;
        cursor.MoveNext();
        cursor.MoveNext();
        getImage(ref image!);
        using (image)
        {
            RgbImage rgb = RgbImage.From(image);
            Assert.AreEqual(32, rgb.Width);
            Assert.AreEqual(32, rgb.Height);

            // Image 1, row 2, column 3: 7 + 67 = 74 in the red plane, and the planes are 1024 = 4 x 256 bytes apart.
            int at = 3 * (2 * 32 + 3);
            CollectionAssert.AreEqual(new byte[] { 74, 74, 74 }, rgb.Pixels[at..(at + 3)]);
            var planes = new byte[3072];
            rgb.CopyPlanesTo(planes);
            CollectionAssert.AreEqual(SmallCifar.Pixels(1), planes);
        }
    }

    [TestMethod]
    public void Getter_makes_a_new_image_and_disposes_the_one_handed_in()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);

        IDataView data = Cifar10.Load(_mlContext, directory.Path, Cifar10Split.Test);
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Image"]]);
        ValueGetter<MLImage> getImage = cursor.GetGetter<MLImage>(data.Schema["Image"]);
        MLImage? image = null;
        cursor.MoveNext();
        getImage(ref image!);
        MLImage first = image;
        getImage(ref image);

        Assert.AreNotSame(first, image);
        Assert.AreEqual(32, image.Width);
        Assert.ThrowsExactly<InvalidOperationException>(() => first.Width);
        image.Dispose();
    }

    [TestMethod]
    public void Pixels_are_copied_into_the_buffer_handed_in()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);

        IDataView data = Cifar10.Load(_mlContext, directory.Path, Cifar10Split.Train);
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Pixels"]]);
        ValueGetter<VBuffer<byte>> getPixels = cursor.GetGetter<VBuffer<byte>>(data.Schema["Pixels"]);
        var own = new byte[3072];
        var buffer = new VBuffer<byte>(3072, own);
        cursor.MoveNext();
        getPixels(ref buffer);

        CollectionAssert.AreEqual(SmallCifar.Pixels(0), own);
    }

    [TestMethod]
    public void Number_of_images_is_logged()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory);
        var messages = new List<string>();
        _mlContext.Log += (_, e) => messages.Add(e.Message);

        Cifar10.Load(_mlContext, directory.Path, Cifar10Split.Train);

        Assert.IsTrue(messages.Any(message => message.Contains("CIFAR-10, Train: 10 images")), string.Join("\n", messages));
    }
}
