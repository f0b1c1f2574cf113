using System.CommandLine;
using System.CommandLine.Parsing;
using MlNet.ImageClassification;

namespace CifarExamples;

/// <summary>The command-line options that the CIFAR-10 examples share.</summary>
/// <param name="name">The example's folder under artifacts/.</param>
/// <param name="epochsDefault">Says how many epochs there are when --epochs is not given.</param>
/// <param name="outputFiles">What lies in the output folder afterwards.</param>
public sealed class ExampleOptions(string name, string epochsDefault, string outputFiles)
{
    public Option<DirectoryInfo?> Data { get; } = new("--data")
    {
        Description = "Folder with CIFAR-10: the binary or python batches, class folders of images under train/ and test/, or "
            + "cifar10-images.tar.gz. Without it: the folder that MLNETCNN_DATA names, then the cache, then a download, then "
            + "generated images.",
    };

    public Option<int?> Epochs { get; } = new("--epochs") { Description = $"Walks through the training images. [default: {epochsDefault}]" };

    public Option<int> ImageSize { get; } = new("--image-size")
    {
        Description = "Side of the images in pixels.",
        DefaultValueFactory = _ => 32,
        Validators = { AtLeastOne },
    };

    public Option<ComputePrecision> Precision { get; } = new("--precision")
    {
        Description = "The arithmetic of convolutions.",
        DefaultValueFactory = _ => ComputePrecision.Auto,
    };

    public Option<string> Device { get; } = new("--device") { Description = "auto, cpu, cuda or cuda:<number>.", DefaultValueFactory = _ => "auto" };

    public Option<int> Seed { get; } = new("--seed") { Description = "The same seed gives the same network.", DefaultValueFactory = _ => 1 };

    public Option<DirectoryInfo> Output { get; } = new("--output")
    {
        Description = $"Folder for {outputFiles} and, while training, its checkpoint.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", name)),
    };

    public ExampleSettings Read(ParseResult arguments) => new()
    {
        Data = arguments.GetValue(Data),
        Epochs = arguments.GetValue(Epochs),
        ImageSize = arguments.GetValue(ImageSize),
        Precision = arguments.GetValue(Precision),
        Device = ComputeDevice.Parse(arguments.GetValue(Device)!),
        Seed = arguments.GetValue(Seed),
        Output = arguments.GetValue(Output)!,
    };

    private static void AtLeastOne(OptionResult option)
    {
        if (option.GetValueOrDefault<int>() < 1)
            option.AddError($"{option.Option.Name} is {option.GetValueOrDefault<int>()}; it must be at least 1.");
    }
}
