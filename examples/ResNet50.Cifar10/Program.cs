using System.CommandLine;
using MlNet.ImageClassification;
using MlNet.ResNet;
using ResNetOnCifar10;

var data = new Option<DirectoryInfo?>("--data")
{
    Description = "Folder with CIFAR-10: the binary or python batches, class folders of images under train/ and test/, or "
        + "cifar10-images.tar.gz. Without it: the folder that MLNETCNN_DATA names, then the cache, then a download, then "
        + "generated images.",
};
var architecture = new Option<string>("--arch") { Description = "The network.", DefaultValueFactory = _ => "resnet50" }
    .AcceptOnlyFromAmong("resnet18", "resnet34", "resnet50", "resnet101", "resnet152");
var epochs = new Option<int?>("--epochs") { Description = "Walks through the training images. [default: 1 on a CPU, 30 on a GPU]" };
var imageSize = new Option<int>("--image-size") { Description = "Side of the images in pixels.", DefaultValueFactory = _ => 32 };
var stem = new Option<ResNetStem?>("--stem") { Description = "The first layers. [default: ImageNet on a CPU, Cifar on a GPU]" };
var precision = new Option<ComputePrecision>("--precision") { Description = "The arithmetic of convolutions.", DefaultValueFactory = _ => ComputePrecision.Auto };
var device = new Option<string>("--device") { Description = "auto, cpu, cuda or cuda:<number>.", DefaultValueFactory = _ => "auto" };
var seed = new Option<int>("--seed") { Description = "The same seed gives the same network.", DefaultValueFactory = _ => 1 };
var output = new Option<DirectoryInfo>("--output")
{
    Description = "Folder for model.zip and, while training, its checkpoint.",
    DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", "resnet50-cifar10")),
};
var command = new RootCommand("Trains a ResNet on CIFAR-10 in an ML.NET pipeline, evaluates it, saves it, and predicts with the saved model.")
{
    data, architecture, epochs, imageSize, stem, precision, device, seed, output,
};

// On a thread of its own: Ctrl-C is listened to only once the action has handed back its task.
command.SetAction((arguments, cancellation) => Task.Run(() => Run(arguments, cancellation), CancellationToken.None));

// Ctrl-C ends the step at hand and keeps the best network so far; give it the time to save it.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(5) });

int Run(ParseResult arguments, CancellationToken cancellation)
{
    try
    {
        return new TrainingJob
        {
            Data = arguments.GetValue(data),
            Architecture = arguments.GetValue(architecture)!,
            Epochs = arguments.GetValue(epochs),
            ImageSize = arguments.GetValue(imageSize),
            Stem = arguments.GetValue(stem),
            Precision = arguments.GetValue(precision),
            Device = ComputeDevice.Parse(arguments.GetValue(device)!),
            Seed = arguments.GetValue(seed),
            Output = arguments.GetValue(output)!,
        }.Run(cancellation);
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("Stopped before the first epoch was done: there is no model to keep.");
        return ExitCode.Canceled;
    }
    catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException
        or FormatException or InvalidOperationException or InvalidDataException or HttpRequestException)
    {
        Console.Error.WriteLine($"error: {error.Message}");
        return ExitCode.Failed;
    }
}

internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Canceled = 130;
}
