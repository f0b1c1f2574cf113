using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using MlNet.ImageClassification;
using MlNet.ResNet;

namespace ResNetOnCifar10;

/// <summary>The whole job: find the images, train, evaluate, save, load, predict.</summary>
internal sealed class TrainingJob
{
    public DirectoryInfo? Data { get; init; }
    public required string Architecture { get; init; }
    public int? Epochs { get; init; }
    public int ImageSize { get; init; }
    public ResNetStem? Stem { get; init; }
    public ComputePrecision Precision { get; init; }
    public ComputeDevice Device { get; init; }
    public int Seed { get; init; }
    public required DirectoryInfo Output { get; init; }

    private string ModelPath => Path.Combine(Output.FullName, "model.zip");

    public int Run(CancellationToken cancellation)
    {
        var mlContext = new MLContext(Seed);
        mlContext.Log += (_, message) =>
        {
            if (message.Kind >= ChannelMessageKind.Warning)
                Console.WriteLine(message.RawMessage);
        };
        var images = CifarImages.Find(mlContext, Data, cancellation);
        Console.WriteLine($"Images: {images.Training.GetRowCount():N0} to train on, {images.Test.GetRowCount():N0} to test on, from {images.Source}.");

        using var model = Train(mlContext, images.Training, cancellation);
        Output.Create();
        mlContext.Model.Save(model, images.Training.Schema, ModelPath);
        Console.WriteLine($"Saved {ModelPath}.");
        if (cancellation.IsCancellationRequested)
        {
            Console.WriteLine("Stopped: the model is the best of the epochs done so far.");
            return ExitCode.Canceled;
        }

        Evaluate(mlContext, model, images.Test);
        Predict(images.Test);
        if (images.Generated)
            Console.WriteLine("NOTE: these were generated images; see above for how to get CIFAR-10.");
        return ExitCode.Done;
    }

    private TransformerChain<KeyToValueMappingTransformer> Train(MLContext mlContext, IDataView images, CancellationToken cancellation)
    {
        var display = new TrainingDisplay();
        var gpu = TorchSharp.torch.cuda.is_available() && !Device.Equals(ComputeDevice.Cpu);
        var options = new ResNetOptions
        {
            Stem = Stem ?? (gpu ? ResNetStem.Cifar : ResNetStem.ImageNet),
            Epoch = Epochs ?? (gpu ? 30 : 1),
            // A short training gets further when every residual block starts as its shortcut.
            ZeroLastNorm = true,
            Precision = Precision,
            Device = Device,
            Seed = Seed,
            WorkspacePath = Path.Combine(Output.FullName, "checkpoint"),
            MetricsCallback = TrainingDisplay.ShowEpoch,
            Progress = display.Progress,
            CancellationToken = cancellation,
        };
        var pipeline = mlContext.Transforms.LoadImages("Image", imageFolder: null, inputColumnName: "ImagePath")
            .Append(mlContext.Transforms.ResizeImages("Image", ImageSize, ImageSize))
            .Append(mlContext.Transforms.ExtractPixels("Pixels", "Image"))
            .Append(mlContext.Transforms.NormalizeChannels("Features", "Pixels", ChannelNormalization.Cifar10))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "ClassName"))
            .Append(Trainer(mlContext, options))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"));
        Console.WriteLine($"Training {Architecture}, {options.Epoch} {(options.Epoch == 1 ? "epoch" : "epochs")} of {images.GetRowCount():N0} images at {ImageSize}x{ImageSize} pixels, "
            + $"stem {options.Stem}, on {(gpu ? "a GPU" : "the CPU")}.");
        return display.Run(() => pipeline.Fit(images));
    }

    private IEstimator<ImageClassificationTransformer> Trainer(MLContext mlContext, ResNetOptions options) => Architecture switch
    {
        "resnet18" => new ResNet18Trainer(mlContext, options),
        "resnet34" => new ResNet34Trainer(mlContext, options),
        "resnet50" => new ResNet50Trainer(mlContext, options),
        "resnet101" => new ResNet101Trainer(mlContext, options),
        "resnet152" => new ResNet152Trainer(mlContext, options),
        _ => throw new ArgumentException($"--arch is '{Architecture}'; it must be resnet18, resnet34, resnet50, resnet101 or resnet152."),
    };

    private static void Evaluate(MLContext mlContext, ITransformer model, IDataView test)
    {
        var clock = Stopwatch.StartNew();
        var scored = model.Transform(test);
        var metrics = mlContext.MulticlassClassification.Evaluate(scored, topKPredictionCount: 5);
        Console.WriteLine($"Scored {test.GetRowCount():N0} images in {clock.Elapsed.TotalSeconds:F1} s.");
        VBuffer<ReadOnlyMemory<char>> classNames = default;
        scored.Schema["Score"].GetSlotNames(ref classNames);
        Report.Show(metrics, [.. classNames.DenseValues().Select(n => n.ToString())]);
    }

    /// <summary>Loads the saved model as another program would, and predicts one image of each of six classes.</summary>
    private void Predict(IDataView test)
    {
        var mlContext = new MLContext();
        using var model = mlContext.Model.Load(ModelPath, out _) as IDisposable;
        using var engine = mlContext.Model.CreatePredictionEngine<LabelledImage, Prediction>(
            (ITransformer)model!, new PredictionEngineOptions { OwnsTransformer = false });
        var images = mlContext.Data.CreateEnumerable<LabelledImage>(test, reuseRowObject: false)
            .DistinctBy(image => image.ClassName)
            .Take(6);
        Console.WriteLine($"Six test images, predicted by the model loaded from {ModelPath}:");
        Report.Show(images.Select(image => (image, engine.Predict(image))));
    }
}
