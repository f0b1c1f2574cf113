using CifarExamples;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MlNet.ImageClassification;
using MlNet.ResNet;

namespace ResNetOnCifar10;

/// <summary>The whole job: find the images, train, evaluate, save, load, predict.</summary>
internal sealed class TrainingJob(ExampleSettings settings, string architecture, ResNetStem? stem, double? learningRate, IProcessGroup? group)
{
    // About five minutes on two cores; more epochs get further.
    private const int CpuEpochs = 4;
    private const int GpuEpochs = 30;

    public int Run(CancellationToken cancellation)
    {
        if (group?.Rank > 0)
            Console.SetOut(TextWriter.Null); // One of them tells.
        var mlContext = settings.CreateContext();
        var images = FindImages(mlContext, cancellation);

        using var model = Train(mlContext, images.Training, cancellation);
        if (group?.Rank > 0)
            return ExitCode.Done;
        SavedModel.Save(mlContext, model, images.Training.Schema, settings.ModelPath);
        if (cancellation.IsCancellationRequested)
        {
            Console.WriteLine("Stopped: the model is the best of the epochs done so far.");
            return ExitCode.Canceled;
        }
        settings.DeleteCheckpoint();

        Evaluation.Run(mlContext, model, images.Test);
        SavedModel.SaveReport(model, images.Test, images.Training, settings.ModelPath, images.Describe(architecture));
        using var saved = new SavedModel(settings.ModelPath);
        saved.ShowPredictions(images.Test);
        images.RemindIfGenerated();
        if (settings.Epochs is null && !settings.UsesGpu)
            Console.WriteLine($"{CpuEpochs} epochs fit into minutes on a CPU; --epochs {GpuEpochs} takes longer and gets further.");
        return ExitCode.Done;
    }

    /// <summary>Looks for a learning rate; the log tells what is found.</summary>
    public int FindLearningRate(CancellationToken cancellation)
    {
        var mlContext = settings.CreateContext();
        var images = CifarImages.Find(mlContext, settings.Data, cancellation).Training;
        var preparation = Preparation(mlContext);
        Trainer(mlContext, Options(new TrainingDisplay(), cancellation)).FindLearningRate(preparation.Fit(images).Transform(images));
        return ExitCode.Done;
    }

    /// <summary>The first rank before the others: it may download, unpack or write the images.</summary>
    private CifarImages FindImages(MLContext mlContext, CancellationToken cancellation)
    {
        if (group?.Rank > 0)
            group.Broadcast([0]);
        var images = CifarImages.Find(mlContext, settings.Data, cancellation);
        if (group?.Rank == 0)
            group.Broadcast([0]);
        return images;
    }

    private TransformerChain<KeyToValueMappingTransformer> Train(MLContext mlContext, IDataView images, CancellationToken cancellation)
    {
        var display = new TrainingDisplay();
        var options = Options(display, cancellation);
        var pipeline = Preparation(mlContext)
            .Append(Trainer(mlContext, options))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"));
        TrainingDisplay.ShowStart(architecture, options.Epoch, images, settings.ImageSize, $"stem {options.Stem}", settings.UsesGpu);
        return display.Run(() => pipeline.Fit(images));
    }

    private ResNetOptions Options(TrainingDisplay display, CancellationToken cancellation)
    {
        var gpu = settings.UsesGpu;
        var options = new ResNetOptions
        {
            Stem = stem ?? (gpu ? ResNetStem.Cifar : ResNetStem.ImageNet),
            Epoch = settings.Epochs ?? (gpu ? GpuEpochs : CpuEpochs),
            LearningRate = learningRate,
            // A short training gets further when every residual block starts as its shortcut.
            ZeroInitResidual = true,
            ProcessGroup = group,
        };
        settings.ApplyTo(options, display, cancellation);
        return options;
    }

    private EstimatorChain<ValueToKeyMappingTransformer> Preparation(MLContext mlContext) =>
        mlContext.Transforms.LoadImages("Image", imageFolder: null, inputColumnName: "ImagePath")
            .Append(mlContext.Transforms.ResizeImages("Image", settings.ImageSize, settings.ImageSize))
            .Append(mlContext.Transforms.ExtractPixels("Pixels", "Image"))
            .Append(mlContext.Transforms.NormalizeChannels("Features", "Pixels", ChannelNormalization.Cifar10))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "ClassName"));

    private ResNetTrainer Trainer(MLContext mlContext, ResNetOptions options) => architecture switch
    {
        "resnet18" => new ResNet18Trainer(mlContext, options),
        "resnet34" => new ResNet34Trainer(mlContext, options),
        "resnet50" => new ResNet50Trainer(mlContext, options),
        "resnet101" => new ResNet101Trainer(mlContext, options),
        "resnet152" => new ResNet152Trainer(mlContext, options),
        _ => throw new ArgumentException($"--arch is '{architecture}'; it must be resnet18, resnet34, resnet50, resnet101 or resnet152."),
    };
}
