namespace Examples.Tests;

[TestClass]
public sealed class FineTuneExampleTests
{
    [TestMethod]
    public void It_fine_tunes_weights_from_NuGet_evaluates_saves_and_classifies_the_files_given()
    {
        using var images = new SmallImages();
        var output = images.Home.At("output");
        var photo = Directory.GetFiles(Path.Combine(images.Folder, "test"), "*.png", SearchOption.AllDirectories)[0];

        var run = new Example("FineTune.Photos", images.Home).Run(
            "--data", images.Folder, "--output", output, "--epochs", "1", "--image-size", "32", "--device", "cpu",
            "--explain", images.Home.At("seen"), photo, images.Home.At("missing.jpg"));

        Assert.AreEqual(0, run.ExitCode, run.Output);
        Assert.Contains("Photos: 60 to train on, 40 held out, 10 classes.", run.Output);
        Assert.Contains("Starting from the weights in 'ML.NET DnnImageFeaturizer ResNet18 ImageNet'", run.Output);
        Assert.MatchesRegex(@"(?m)^micro accuracy \d+\.\d\d %$", run.Output);
        Assert.MatchesRegex(@"missing\.jpg +no usable image", run.Output);
        Assert.Contains(Path.GetRelativePath(Path.Combine(images.Folder, "test"), photo), run.Output);
        Assert.IsTrue(File.Exists(Path.Combine(output, "model.zip")));
        Assert.Contains("1 pictures of what the model looks at", run.Output);
        Assert.EndsWith($"-{Path.GetFileName(photo)}", Directory.GetFiles(images.Home.At("seen")).Single());
        StringAssert.Contains(run.Output, $"Wrote the report of the training to {Path.Combine(output, "report.html")}.");
    }

    [TestMethod]
    public void Class_folders_without_a_folder_for_the_test_are_split()
    {
        using var images = new SmallImages();

        var run = new Example("FineTune.Photos", images.Home).Run(
            "--data", Path.Combine(images.Folder, "train"), "--output", images.Home.At("output"), "--epochs", "1", "--image-size", "32",
            "--weights", "none", "--device", "cpu");

        Assert.AreEqual(0, run.ExitCode, run.Output);
        // A fifth of 6 images of each of 10 classes is 1 image each and 2 in all besides, by the largest remainders.
        Assert.Contains("Photos: 48 to train on, 12 held out, 10 classes.", run.Output);
    }

    [TestMethod]
    [DataRow("--data", "nowhere", "nowhere")]
    [DataRow("--weights", "nowhere.pth", "InitialWeightsPath is nowhere.pth; there is no such file.")]
    public void An_unusable_option_is_refused_by_name(string option, string value, string message)
    {
        using var images = new SmallImages();
        string[] data = option == "--data" ? [] : ["--data", images.Folder];

        var run = new Example("FineTune.Photos", images.Home).Run([.. data, option, value]);

        Assert.AreEqual(1, run.ExitCode, run.Output);
        Assert.Contains(message, run.Output);
    }
}
