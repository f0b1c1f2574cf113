using System.Xml.Linq;
using Microsoft.ML;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class ContactSheetTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Every_class_has_its_name_and_its_first_images()
    {
        using var directory = new TempFolder();
        Cifar10.Generate(directory.At("drawn"), 50, 10);
        IDataView data = Cifar10.Load(_mlContext, directory.At("drawn"), Cifar10Split.Train);

        Cifar10.ShowSamples(data, directory.At("samples.svg"), imagesPerClass: 3);

        XElement svg = XDocument.Load(directory.At("samples.svg")).Root!;
        CollectionAssert.AreEqual(data.GetClassNames().ToArray(), svg.Elements(Svg + "text").Select(text => text.Value).ToArray());
        XElement[] images = [.. svg.Elements(Svg + "image")];
        Assert.AreEqual(30, images.Length);

        // The first image shown is the first of class 0 in the data.
        int first = Rows.Keys(data).IndexOf(1);
        const string prefix = "data:image/png;base64,";
        string href = images[0].Attribute("href")!.Value;
        StringAssert.StartsWith(href, prefix);
        string png = directory.Write("first.png", Convert.FromBase64String(href[prefix.Length..]));
        CollectionAssert.AreEqual(RgbImage.FromPlanes(32, 32, Rows.Pixels(data)[first]).Pixels, RgbImage.Read(png).Pixels);
    }

    [TestMethod]
    public void Image_paths_are_shown_as_thumbnails_and_names_are_escaped()
    {
        using var directory = new TempFolder();
        directory.Write("photos/cats & <dogs>/1.png", PngEncoder.Encode(new RgbImage(200, 100, new byte[60000])));

        Cifar10.ShowSamples(ImageFolder.Load(_mlContext, directory.At("photos")), directory.At("samples.svg"));

        XElement svg = XDocument.Load(directory.At("samples.svg")).Root!;
        Assert.AreEqual("cats & <dogs>", svg.Element(Svg + "text")!.Value);
        Assert.AreEqual("112", svg.Element(Svg + "image")!.Attribute("width")!.Value);
    }

    [TestMethod]
    public void Html_page_holds_the_picture()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, folder: "cifar");
        IDataView data = Cifar10.Load(_mlContext, directory.At("cifar"), Cifar10Split.Test);

        Cifar10.ShowSamples(data, directory.At("samples.html"));

        string page = File.ReadAllText(directory.At("samples.html"));
        StringAssert.StartsWith(page, "<!DOCTYPE html>");
        StringAssert.Contains(page, "<svg xmlns");
        StringAssert.Contains(page, ">no images</text>");
    }

    [TestMethod]
    public void Other_extensions_and_counts_are_refused()
    {
        using var directory = new TempFolder();
        SmallCifar.Write(directory, folder: "cifar");
        IDataView data = Cifar10.Load(_mlContext, directory.At("cifar"), Cifar10Split.Test);

        var e = Assert.ThrowsExactly<ArgumentException>(() => Cifar10.ShowSamples(data, directory.At("samples.png")));
        StringAssert.StartsWith(e.Message, $"'{directory.At("samples.png")}' ends in '.png'; a contact sheet is .svg or .html.");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Cifar10.ShowSamples(data, directory.At("samples.svg"), 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Cifar10.ShowSamples(data, directory.At("samples.svg"), 101));
    }
}
