using System.CommandLine;
using System.CommandLine.Parsing;
using CifarExamples;
using MlNet.ImageClassification;

namespace FineTunePhotos;

/// <summary>The command line.</summary>
internal sealed class PhotoOptions
{
    private readonly Option<string> _data = new("--data")
    {
        Description = "A folder of photos: with one sub-folder per class, or with train/ and val/ that have them; or a CSV list of paths and labels.",
        Required = true,
    };
    private readonly Option<string?> _test = new("--test")
    {
        Description = "A folder or a CSV list of photos to test on. [default: val/ of --data, else a fifth of each class]",
    };
    private readonly Option<DirectoryInfo?> _imageFolder = new("--image-folder")
    {
        Description = "Where the paths of a CSV list begin. [default: the list's own folder]",
    };
    private readonly Option<string> _architecture = new Option<string>("--arch")
    {
        Description = "The network.",
        DefaultValueFactory = _ => "resnet18",
    }.AcceptOnlyFromAmong(Networks.Names);
    private readonly Option<string> _stem = new("--stem")
    {
        Description = "The network's first layers: Auto (those of the weights, else by the size), ImageNet or Cifar.",
        DefaultValueFactory = _ => "Auto",
    };
    private readonly Option<string?> _weights = new("--weights")
    {
        Description = "What to start from: imagenet (from NuGet for resnet18, else downloaded from torchvision), none, or a .safetensors, .pth or "
            + "model.zip file. [default: imagenet; none for shufflenet]",
    };
    private readonly Option<string?> _recipe = new Option<string?>("--recipe")
    {
        Description = "finetune, scratch, or probe: the classifier alone, on features computed once. [default: finetune; scratch without weights]",
    }.AcceptOnlyFromAmong([.. Recipes.Presets.Keys]);
    private readonly Option<string?> _optimizer = new Option<string?>("--optimizer")
    {
        Description = "How a step changes the weights; another than the recipe's comes with its own learning rate. [default: the recipe's]",
    }.AcceptOnlyFromAmong([.. Recipes.Optimizers.Keys]);
    private readonly Option<string> _loss = new Option<string>("--loss")
    {
        Description = "What is made small: softmax cross-entropy, or sigmoid cross-entropy of each class by itself.",
        DefaultValueFactory = _ => "softmax",
    }.AcceptOnlyFromAmong([.. Recipes.Losses.Keys]);
    private readonly Option<int?> _epochs = new("--epochs")
    {
        Description = "Walks through the training photos. [default: finetune 8; probe 30; scratch 30 on a CPU, 90 on a GPU]",
    };
    private readonly Option<int?> _batchSize = new("--batch-size") { Description = "Photos per step. [default: 32 on a CPU, 64 on a GPU]" };
    private readonly Option<double?> _learningRate = new("--learning-rate")
    {
        Description = "The peak learning rate. [default: the recipe's, in proportion to the batch size]",
    };
    private readonly Option<string?> _classWeights = new Option<string?>("--class-weights")
    {
        Description = "balanced: photos of rare classes count more. [default: all alike]",
    }.AcceptOnlyFromAmong("balanced");
    private readonly Option<int> _imageSize = new("--image-size")
    {
        Description = "Side of the images in pixels; a multiple of 32 suits published weights.",
        DefaultValueFactory = _ => 224,
        Validators = { AtLeastFive },
    };
    private readonly Option<ImageInterpolation> _interpolation = new("--interpolation")
    {
        Description = "The filter that resizes.",
        DefaultValueFactory = _ => ImageInterpolation.Bilinear,
    };
    private readonly Option<string> _normalization = new Option<string>("--normalization")
    {
        Description = "What pixels go through: imagenet, caffe (means only), cifar10 or none; auto: that of the weights, else imagenet.",
        DefaultValueFactory = _ => "auto",
    }.AcceptOnlyFromAmong([.. Networks.Normalizations.Keys]);
    private readonly Option<int?> _memory = new("--memory")
    {
        Description = "Megabytes of photos kept in memory; more are read again in every epoch. [default: a quarter of the memory, at most 2 GiB]",
    };
    private readonly Option<ComputePrecision> _precision = new("--precision")
    {
        Description = "The arithmetic of convolutions.",
        DefaultValueFactory = _ => ComputePrecision.Auto,
    };
    private readonly Option<string> _device = new("--device") { Description = "auto, cpu, cuda or cuda:<number>.", DefaultValueFactory = _ => "auto" };
    private readonly Option<int> _seed = new("--seed") { Description = "The same seed gives the same network.", DefaultValueFactory = _ => 1 };
    private readonly Option<DirectoryInfo> _output = new("--output")
    {
        Description = $"Folder for model.zip and {SavedModel.ReportName}.",
        DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", "finetune-photos")),
    };
    private readonly Option<DirectoryInfo?> _workspace = new("--workspace")
    {
        Description = "Folder for the checkpoint from which a stopped training goes on. [default: that of --output]",
    };
    private readonly Option<DirectoryInfo?> _tensorBoard = new("--tensorboard") { Description = "Folder for TensorBoard's event files." };
    private readonly Option<DirectoryInfo?> _explain = new("--explain")
    {
        Description = "Folder for pictures of where in the photos to classify the model sees the class it predicts (Grad-CAM).",
    };
    private readonly Argument<string[]> _files = new("files") { Description = "Photos to classify with the saved model.", Arity = ArgumentArity.ZeroOrMore };

    public PhotoOptions() => Command = new RootCommand(
        """
        Trains a network on your own photos, by default from ImageNet weights, evaluates it on photos held out, saves it and classifies
        files with it. Ctrl-C or SIGTERM stops it after the step at hand and saves; the same command then goes on from there.

        Examples:
          your own photos, a folder per class:
            --data photos
          51 classes from a list of paths and labels, trained from scratch, a sigmoid for each class:
            --data train.csv --test test.csv --weights none --arch resnet50 --interpolation bicubic --normalization caffe
            --optimizer adam --loss sigmoid
          from CIFAR-10 (./run.sh resnet50 --arch resnet18) to photos:
            --data photos --weights artifacts/resnet50-cifar10/model.zip --normalization cifar10 --image-size 64

        Exit codes: 0 done, 1 an error, 130 stopped. docs/photos.md has more.
        """)
    {
        _data, _test, _imageFolder, _architecture, _stem, _weights, _recipe, _optimizer, _loss, _epochs, _batchSize, _learningRate, _classWeights,
        _imageSize, _interpolation, _normalization, _memory, _precision, _device, _seed, _output, _workspace, _tensorBoard, _explain, _files,
    };

    public RootCommand Command { get; }

    /// <summary>What the arguments say.</summary>
    /// <exception cref="FormatException">The device is none.</exception>
    public PhotoSettings Read(ParseResult arguments) => new()
    {
        Data = arguments.GetValue(_data)!,
        Test = arguments.GetValue(_test),
        ImageFolder = arguments.GetValue(_imageFolder)?.FullName,
        Architecture = arguments.GetValue(_architecture)!,
        Stem = arguments.GetValue(_stem)!,
        Weights = arguments.GetValue(_weights) ?? (arguments.GetValue(_architecture) == Networks.ShuffleNet ? PhotoSettings.NoWeights : PhotoSettings.ImageNet),
        RecipeName = arguments.GetValue(_recipe),
        OptimizerName = arguments.GetValue(_optimizer),
        Loss = arguments.GetValue(_loss)!,
        Epochs = arguments.GetValue(_epochs),
        BatchSize = arguments.GetValue(_batchSize),
        LearningRate = arguments.GetValue(_learningRate),
        BalanceClasses = arguments.GetValue(_classWeights) is not null,
        ImageSize = arguments.GetValue(_imageSize),
        Interpolation = arguments.GetValue(_interpolation),
        Normalization = arguments.GetValue(_normalization)!,
        MemoryMegabytes = arguments.GetValue(_memory),
        Precision = arguments.GetValue(_precision),
        Device = ComputeDevice.Parse(arguments.GetValue(_device)!),
        Seed = arguments.GetValue(_seed),
        Output = arguments.GetValue(_output)!,
        Workspace = arguments.GetValue(_workspace),
        TensorBoard = arguments.GetValue(_tensorBoard)?.FullName,
        Explain = arguments.GetValue(_explain),
        Files = arguments.GetValue(_files)!,
    };

    private static void AtLeastFive(OptionResult option)
    {
        if (option.GetValueOrDefault<int>() < 5)
            option.AddError($"{option.Option.Name} is {option.GetValueOrDefault<int>()}; it must be at least 5.");
    }
}
