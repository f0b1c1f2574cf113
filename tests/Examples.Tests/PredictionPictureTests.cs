using System.Xml.Linq;
using Cifar10Loader;
using CifarExamples;
using Microsoft.ML;
using ShuffleNetOnCifar10;

namespace Examples.Tests;

[TestClass]
public sealed class PredictionPictureTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly TempFolder _folder = new();

    [TestCleanup]
    public void RemoveFolder() => _folder.Dispose();

    [TestMethod]
    public void Sixteen_images_stand_in_two_aligned_rows_of_eight_inside_the_picture()
    {
        XElement svg = Draw(Predictions(16));

        XElement[] images = [.. svg.Descendants(Svg + "image")];
        Assert.HasCount(16, images);
        Assert.HasCount(8, [.. images.Select(image => Number(image, "x")).Distinct()]);
        Assert.HasCount(2, [.. images.Select(image => Number(image, "y")).Distinct()]);
        Assert.IsTrue(images.All(image => Number(image, "x") + Number(image, "width") < Number(svg, "width")));
        Assert.IsTrue(svg.Descendants(Svg + "text").All(text => Number(text, "y") < Number(svg, "height") - 10));
    }

    [TestMethod]
    public void An_image_is_embedded_as_it_is_and_small_ones_are_enlarged_pixel_by_pixel()
    {
        var predictions = Predictions(1);

        XElement image = Draw(predictions).Descendants(Svg + "image").Single();

        byte[] file = File.ReadAllBytes(predictions[0].Image.ImagePath);
        Assert.AreEqual("data:image/png;base64," + Convert.ToBase64String(file), image.Attribute("href")!.Value);
        Assert.AreEqual("small", image.Attribute("class")!.Value);
    }

    [TestMethod]
    public void Right_and_wrong_answers_differ_in_color_and_in_words()
    {
        var predictions = Predictions(2);
        predictions[0].Prediction.PredictedClass = predictions[0].Image.ClassName;
        predictions[1].Prediction.PredictedClass = "cats & dogs";

        XElement svg = Draw(predictions);

        XElement[] cells = [.. svg.Elements(Svg + "g")];
        Assert.AreEqual("cell right", cells[0].Attribute("class")!.Value);
        CollectionAssert.AreEqual(
            new[] { $"{predictions[0].Image.ClassName} 75.0 %", $"truth: {predictions[0].Image.ClassName}", "right" }, Texts(cells[0]));
        Assert.AreEqual("cell wrong", cells[1].Attribute("class")!.Value);
        CollectionAssert.AreEqual(new[] { "cats & dogs 75.0 %", $"truth: {predictions[1].Image.ClassName}", "wrong" }, Texts(cells[1]));
        Assert.AreEqual("1 of 2 test images predicted right", svg.Elements(Svg + "text").First().Value);
    }

    [TestMethod]
    public void A_long_class_name_is_cut_short()
    {
        var predictions = Predictions(1);
        predictions[0].Prediction.PredictedClass = "black-footed albatross";

        Assert.AreEqual("black-foot… 75.0 %", Texts(Draw(predictions).Elements(Svg + "g").Single())[0]);
    }

    private XElement Draw(IReadOnlyList<(LabeledImage, Prediction)> predictions)
    {
        PredictionPicture.Write(_folder.At("picture.svg"), "a < b", predictions);
        return XDocument.Load(_folder.At("picture.svg")).Root!;
    }

    private List<(LabeledImage Image, Prediction Prediction)> Predictions(int count)
    {
        Cifar10.Generate(_folder.At("batches"), trainingImages: 5, testImages: count);
        Cifar10.ExportImages(Cifar10.Load(new MLContext(), _folder.At("batches"), Cifar10Split.Test), _folder.At("images"));
        return [.. Directory.EnumerateFiles(_folder.At("images"), "*.png", SearchOption.AllDirectories).Order().Select(path => (
            new LabeledImage { ImagePath = path, ClassName = Path.GetFileName(Path.GetDirectoryName(path)!) },
            new Prediction { PredictedClass = "disc", Score = [0.75f, 0.25f] }))];
    }

    private static int Number(XElement element, string attribute) => int.Parse(element.Attribute(attribute)!.Value);

    private static string[] Texts(XElement cell) => [.. cell.Elements(Svg + "text").Select(text => text.Value)];
}
