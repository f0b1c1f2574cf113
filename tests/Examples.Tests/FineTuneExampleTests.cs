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
    public void A_list_of_paths_trains_a_network_by_the_options_given()
    {
        using var images = new SmallImages();
        string test = WriteList(images, "test"), training = WriteList(images, "train");

        var run = new Example("FineTune.Photos", images.Home).Run(
            "--data", training, "--test", test, "--image-folder", images.Folder, "--output", images.Home.At("output"), "--weights", "none",
            "--arch", "shufflenet", "--optimizer", "adam", "--loss", "sigmoid", "--interpolation", "bicubic", "--normalization", "caffe",
            "--class-weights", "balanced", "--epochs", "1", "--batch-size", "20", "--image-size", "32", "--device", "cpu",
            "--tensorboard", images.Home.At("board"));

        Assert.AreEqual(0, run.ExitCode, run.Output);
        Assert.Contains("Photos: 60 to train on, 40 held out, 10 classes.", run.Output);
        Assert.Contains("Training shufflenet, 1 epoch of 60 images at 32x32 pixels, recipe scratch, weights none, on the CPU.", run.Output);
        Assert.Contains("20 at a time", run.Output);
        Assert.MatchesRegex(@"micro accuracy \d+\.\d\d %\s*$", run.Output);
        Assert.HasCount(1, Directory.GetFiles(images.Home.At("board")));
        Assert.IsFalse(Directory.Exists(images.Home.At("output/checkpoint")));
    }

    [TestMethod]
    public void A_network_of_the_CIFAR_example_is_taken_as_it_was_made()
    {
        using var images = new SmallImages();
        string[] common = ["--data", images.Folder, "--arch", "resnet18", "--image-size", "32", "--device", "cpu", "--epochs", "1"];
        var first = new Example("ResNet50.Cifar10", images.Home).Run([.. common, "--output", images.Home.At("first")]);

        var run = new Example("FineTune.Photos", images.Home).Run(
            [.. common, "--weights", images.Home.At("first/model.zip"), "--normalization", "cifar10", "--recipe", "probe", "--output", images.Home.At("second")]);

        Assert.AreEqual((0, 0), (first.ExitCode, run.ExitCode), first.Output + run.Output);
        Assert.Contains("Training resnet18 v1.5 stem=imagenet zero-init-residual on 60 images", run.Output);
        Assert.MatchesRegex(@"micro accuracy \d+\.\d\d %\s*$", run.Output);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)] // which have SIGTERM
    public void SIGTERM_stops_after_the_step_and_saves_and_the_same_command_goes_on()
    {
        using var images = new SmallImages();
        var example = new Example("FineTune.Photos", images.Home);
        string[] arguments = ["--data", images.Folder, "--image-size", "32", "--device", "cpu", "--weights", "none", "--arch", "shufflenet",
            "--epochs", "6", "--batch-size", "12", "--output", images.Home.At("output"), "--workspace", images.Home.At("work")];

        var stopped = example.RunAndTerminateAt("Epoch 2 of 6", arguments);

        Assert.AreEqual(130, stopped.ExitCode, stopped.Output);
        Assert.Contains("Stopped: the model is the best of the epochs done so far.", stopped.Output);
        Assert.IsTrue(File.Exists(images.Home.At("output/model.zip")));
        Assert.IsNotEmpty(Directory.GetFiles(images.Home.At("work/checkpoint")));

        var resumed = example.Run(arguments);

        Assert.AreEqual(0, resumed.ExitCode, resumed.Output);
        Assert.DoesNotContain("Epoch 1 of 6", resumed.Output);
        Assert.Contains("Epoch 6 of 6", resumed.Output);
        Assert.IsFalse(Directory.Exists(images.Home.At("work/checkpoint")));
    }

    [TestMethod]
    [DataRow("--recipe", "probe", "--recipe is probe, which keeps most of what the weights know, but --weights is none")]
    [DataRow("--stem", "Strided", "--stem is Strided; for resnet18 it must be one of Auto, ImageNet, Cifar, CifarPool.")]
    [DataRow("--image-size", "3", "--image-size is 3; it must be at least 5.")]
    [DataRow("--optimizer", "adamax", "Argument 'adamax' not recognized")]
    public void Options_that_do_not_go_together_are_refused_before_anything_is_read(string option, string value, string message)
    {
        using var home = new TempFolder();

        var run = new Example("FineTune.Photos", home).Run("--data", "nowhere", "--weights", "none", option, value);

        Assert.AreEqual(1, run.ExitCode, run.Output);
        Assert.Contains(message, run.Output);
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

    /// <summary>A list of a folder's images, their paths from where the images lie.</summary>
    private static string WriteList(SmallImages images, string part)
    {
        var files = Directory.GetFiles(Path.Combine(images.Folder, part), "*.png", SearchOption.AllDirectories);
        var lines = files.Select(file => $"{Path.GetRelativePath(images.Folder, file)},{Path.GetFileName(Path.GetDirectoryName(file))}");
        string path = images.Home.At($"{part}.csv");
        File.WriteAllLines(path, ["path,label", .. lines]);
        return path;
    }
}
