using Microsoft.ML;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class ContactSheetTests
{
    private const int Step = ContactSheet.SmallCell + ContactSheet.Gap;

    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Every_class_has_its_name_and_its_first_images_enlarged_pixel_by_pixel()
    {
        using var directory = new TempFolder();
        Cifar10.Generate(directory.At("drawn"), 50, 10);
        IDataView data = Cifar10.Load(_mlContext, directory.At("drawn"), Cifar10Split.Train);

        Cifar10.ShowSamples(data, directory.At("samples.png"), imagesPerClass: 3);

        RgbImage sheet = RgbImage.Read(directory.At("samples.png"));
        int left = sheet.Width - ContactSheet.Margin - 3 * Step + ContactSheet.Gap;
        Assert.AreEqual(2 * ContactSheet.Margin + 10 * Step - ContactSheet.Gap, sheet.Height);
        List<uint> keys = Rows.Keys(data);
        List<byte[]> pixels = Rows.Pixels(data);
        for (int label = 0; label < 10; label++)
        {
            int top = ContactSheet.Margin + label * Step;
            Assert.IsTrue(HasText(sheet, 0, left - 6, top), $"name of class {label}");

            RgbImage first = RgbImage.FromPlanes(32, 32, pixels[keys.IndexOf((uint)label + 1)]);
            for (int y = 0; y < 64; y++)
            {
                for (int x = 0; x < 64; x++)
                    CollectionAssert.AreEqual(Pixel(first, x / 2, y / 2), Pixel(sheet, left + x, top + y));
            }
        }
    }

    [TestMethod]
    public void Photos_are_shown_as_thumbnails_of_their_center()
    {
        using var directory = new TempFolder();

        // 200 x 100, red with a blue left and right that the square leaves out.
        var pixels = new byte[3 * 200 * 100];
        for (int i = 0; i < 200 * 100; i++)
            pixels[3 * i + (i % 200 is >= 50 and < 150 ? 0 : 2)] = 255;
        directory.Write("photos/犬 & <dogs>/1.png", new RgbImage(200, 100, pixels).EncodePng());

        Cifar10.ShowSamples(ImageFolder.Load(_mlContext, directory.At("photos")), directory.At("samples.png"));

        RgbImage sheet = RgbImage.Read(directory.At("samples.png"));
        Assert.AreEqual(2 * ContactSheet.Margin + ContactSheet.PhotoCell, sheet.Height);
        int red = Enumerable.Range(0, sheet.Width * sheet.Height).Count(i => sheet.Pixels.AsSpan(3 * i, 3).SequenceEqual<byte>([255, 0, 0]));
        Assert.AreEqual(ContactSheet.PhotoCell * ContactSheet.PhotoCell, red);
    }

    [TestMethod]
    public void Class_without_images_says_so()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, folder: "cifar");
        IDataView data = Cifar10.Load(_mlContext, directory.At("cifar"), Cifar10Split.Test);

        Cifar10.ShowSamples(data, directory.At("samples.png"));

        // Two images, of class 0 and 1: two cells wide, so that there is room for the words in the others.
        RgbImage sheet = RgbImage.Read(directory.At("samples.png"));
        int left = sheet.Width - ContactSheet.Margin - 2 * Step + ContactSheet.Gap;
        for (int label = 2; label < 10; label++)
            Assert.IsTrue(HasText(sheet, left, left + 2 * Step, ContactSheet.Margin + label * Step), $"class {label}");
    }

    [TestMethod]
    public void Other_extensions_and_counts_are_refused()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, folder: "cifar");
        IDataView data = Cifar10.Load(_mlContext, directory.At("cifar"), Cifar10Split.Test);

        var e = Assert.ThrowsExactly<ArgumentException>(() => Cifar10.ShowSamples(data, directory.At("samples.svg")));
        StringAssert.StartsWith(e.Message, $"'{directory.At("samples.svg")}' ends in '.svg'; a contact sheet is a .png file.");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Cifar10.ShowSamples(data, directory.At("samples.png"), 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Cifar10.ShowSamples(data, directory.At("samples.png"), 101));
    }

    private static byte[] Pixel(RgbImage image, int x, int y) => image.Pixels[(3 * (y * image.Width + x))..(3 * (y * image.Width + x) + 3)];

    /// <summary>Whether anything darker than the paper is in a cell's height between two columns.</summary>
    private static bool HasText(RgbImage sheet, int from, int to, int top) =>
        Enumerable.Range(top, ContactSheet.SmallCell).Any(y => Enumerable.Range(from, to - from).Any(x => Pixel(sheet, Math.Min(x, sheet.Width - 1), y)[0] < 200));
}
