namespace Examples.Tests;

[TestClass]
public sealed class ResNetExampleTests
{
    [TestMethod]
    public void It_trains_evaluates_saves_and_predicts()
    {
        using var images = new SmallImages();
        var output = images.Home.At("output");

        var run = new Example("ResNet50.Cifar10", images.Home).Run(
            "--data", images.Folder, "--output", output, "--arch", "resnet18", "--device", "cpu", "--precision", "Float32");

        Assert.AreEqual(0, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "Training resnet18, 4 epochs of 60 images at 32x32 pixels, stem ImageNet, on the CPU.");
        StringAssert.Contains(run.Output, "Scored 40 images in");
        StringAssert.Contains(run.Output, "Six test images, predicted by the model loaded from");
        StringAssert.Contains(run.Output, $"Wrote the report of the training to {Path.Combine(output, "report.html")}.");
        CollectionAssert.AreEquivalent(new[] { "model.zip", "report.html" }, Directory.GetFiles(output).Select(Path.GetFileName).ToArray());
        StringAssert.Contains(File.ReadAllText(Path.Combine(output, "report.html")), "of 40 images right");
    }

    [TestMethod]
    [DataRow("--learning-rate", "0")]
    [DataRow("--learning-rate", "0", "--find-learning-rate")]
    public void The_learning_rate_is_that_of_the_command_line(params string[] arguments)
    {
        using var images = new SmallImages();

        var run = new Example("ResNet50.Cifar10", images.Home).Run(["--data", images.Folder, .. arguments]);

        Assert.AreEqual(1, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "LearningRate is 0; it must be above 0 and at most 100, or null.");
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)] // where the environment decides where the cache is
    public void Two_data_folders_are_not_mixed_up()
    {
        using var home = new TempFolder();
        var example = new Example("ResNet50.Cifar10", home);
        foreach (var (folder, trainingImages) in new[] { ("first", 50), ("second", 70), ("first", 50) })
        {
            if (!Directory.Exists(home.At(folder)))
                Cifar10Loader.Cifar10.Generate(home.At(folder), trainingImages, testImages: 20);

            // Zero epochs are refused after the images are found.
            var run = example.Run("--data", folder, "--epochs", "0");

            Assert.AreEqual(1, run.ExitCode);
            StringAssert.Contains(run.Output, $"Images: {trainingImages} to train on, 20 to test on, from {home.At(folder)}.");
        }
        Assert.HasCount(2, Directory.GetDirectories(home.At("cache/MlNetCnn")));
    }

    [TestMethod]
    [DataRow("--arch", "resnet20", "Argument 'resnet20' not recognized")]
    [DataRow("--image-size", "-1", "--image-size is -1; it must be at least 1")]
    [DataRow("--device", "gpu", "'gpu' is no device; it must be auto, cpu, cuda or cuda:<number>")]
    [DataRow("--data", "nowhere", "which holds neither CIFAR-10 batches nor")]
    public void An_unusable_option_is_refused_by_name(string option, string value, string message)
    {
        using var home = new TempFolder();

        var run = new Example("ResNet50.Cifar10", home).Run(option, value);

        Assert.AreEqual(1, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, message);
    }
}
