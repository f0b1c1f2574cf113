using System.IO.Compression;
using System.Xml.Linq;

namespace Examples.Tests;

[TestClass]
public sealed class ShuffleNetExampleTests
{
    private static readonly string[] TinyNetwork =
        ["--width", "0.25", "--epochs", "1", "--device", "cpu", "--precision", "Float32", "--seed", "3"];

    private static SmallImages _images = null!;
    private static Example _example = null!;

    [ClassInitialize]
    public static void WriteImages(TestContext context)
    {
        _images = new SmallImages();
        _example = new Example("ShuffleNet.Cifar10", _images.Home);
    }

    [ClassCleanup]
    public static void RemoveImages() => _images.Dispose();

    [TestMethod]
    public void It_trains_evaluates_logs_saves_and_draws_and_a_second_run_adds_a_line_to_the_log()
    {
        var output = _images.Home.At("two-runs");

        var first = _example.Run(["--data", _images.Folder, "--output", output, .. TinyNetwork]);
        var second = _example.Run(["--data", _images.Folder, "--output", output, .. TinyNetwork]);

        Assert.AreEqual(0, first.ExitCode, first.Output);
        Assert.AreEqual(0, second.ExitCode, second.Output);
        StringAssert.Contains(first.Output, "60 to train on, 40 to test on");
        StringAssert.Contains(first.Output, "stem Strided, preset fast, on the CPU");
        StringAssert.Contains(first.Output, "top-5 accuracy");
        StringAssert.Contains(first.Output, "Six test images, predicted by the model loaded from");

        string[] log = File.ReadAllLines(Path.Combine(output, "eval-log.csv"));
        Assert.HasCount(3, log);
        Assert.AreEqual("time_utc,architecture,epochs,training_images,training_seconds,top1,top5,log_loss,seed,data", log[0]);
        string[] columns = log[1].Split(',');
        StringAssert.StartsWith(columns[1], "shufflenetv1 g3 0.25x stem=strided");
        Assert.AreEqual("1 60 3", $"{columns[2]} {columns[3]} {columns[8]}");
        Assert.AreEqual(_images.Folder, columns[9]);

        // The same seed gives the same network; the log's figures are those on the screen.
        CollectionAssert.AreEqual(columns[5..8], log[2].Split(',')[5..8]);
        StringAssert.Contains(first.Output, $"{double.Parse(columns[5]):P2}");
        StringAssert.Contains(first.Output, $"{double.Parse(columns[7]):F4}");

        using var model = ZipFile.OpenRead(Path.Combine(output, "model.zip"));
        Assert.IsNotEmpty(model.Entries);
        StringAssert.Contains(File.ReadAllText(Path.Combine(output, "report.html")), "of 40 images right");
        XElement picture = XDocument.Load(Path.Combine(output, "predictions.svg")).Root!;
        Assert.HasCount(16, [.. picture.Descendants(picture.Name.Namespace + "image")]);
    }

    [TestMethod]
    public void The_full_preset_trains_without_a_stride_in_the_stem()
    {
        var run = _example.Run(
            ["--data", _images.Folder, "--output", _images.Home.At("full"), "--preset", "full", "--groups", "1", .. TinyNetwork]);

        Assert.AreEqual(0, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "ShuffleNetV1 0.25x in 1 groups, 1 epoch");
        StringAssert.Contains(run.Output, "stem Cifar, preset full");
    }

    [TestMethod]
    public void Help_lists_every_option()
    {
        var run = _example.Run("--help");

        Assert.AreEqual(0, run.ExitCode);
        foreach (string option in new[]
        {
            "--data", "--epochs", "--groups", "--width", "--stem", "--image-size", "--precision", "--device", "--seed", "--output", "--preset",
        })
            StringAssert.Contains(run.Output, $"  {option} <");
    }

    [TestMethod]
    [DataRow("--groups", "5", "Groups is 5; it must be one of 1, 2, 3, 4, 8")]
    [DataRow("--width", "0.3", "WidthMultiplier is 0.3; with 3 groups the width must be one of 0.25, 0.5, 1, 1.5, 2")]
    [DataRow("--epochs", "0", "Epoch is 0; it must be at least 1")]
    [DataRow("--image-size", "0", "--image-size is 0; it must be at least 1")]
    [DataRow("--device", "gpu", "'gpu' is no device; it must be auto, cpu, cuda or cuda:<number>")]
    [DataRow("--preset", "slow", "Argument 'slow' not recognized")]
    [DataRow("--data", "nowhere", "which holds neither CIFAR-10 batches nor")]
    public void An_unusable_option_is_refused_by_name(string option, string value, string message)
    {
        var run = _example.Run(option, value);

        Assert.AreEqual(1, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, message);
    }

    [TestMethod]
    public void A_log_that_cannot_be_written_is_refused_before_the_training()
    {
        var output = _images.Home.At("no-log");
        Directory.CreateDirectory(Path.Combine(output, "eval-log.csv"));

        var run = _example.Run(["--data", _images.Folder, "--output", output, .. TinyNetwork]);

        Assert.AreEqual(1, run.ExitCode);
        StringAssert.Contains(run.Output, $"error: The log of evaluations '{Path.Combine(output, "eval-log.csv")}' cannot be written:");
        Assert.DoesNotContain("Training", run.Output);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Ctrl_C_keeps_the_best_network_and_logs_nothing()
    {
        var output = _images.Home.At("stopped");

        var run = _example.RunAndStopAt(
            "Epoch 1 of", ["--data", _images.Folder, "--output", output, "--width", "0.25", "--device", "cpu", "--epochs", "100000"]);

        Assert.AreEqual(130, run.ExitCode, run.Output);
        StringAssert.Contains(run.Output, "Stopped: the model is the best of the epochs done so far.");
        Assert.IsTrue(File.Exists(Path.Combine(output, "model.zip")));
        Assert.IsFalse(File.Exists(Path.Combine(output, "eval-log.csv")));
    }
}
