using System.Diagnostics;
using CifarExamples;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification;
using MlNet.ShuffleNet;

namespace ShuffleNetOnCifar10;

/// <summary>The whole job: find the images, train, save, evaluate, log, load, predict, draw.</summary>
internal sealed class TrainingJob(ExampleSettings settings, Preset preset, int groups, double width)
{
    public const string LogName = "eval-log.csv";
    public const string PictureName = "predictions.svg";

    public int Run(CancellationToken cancellation)
    {
        var mlContext = settings.CreateContext();
        var display = new TrainingDisplay();
        var trainer = new ShuffleNetV1Trainer(mlContext, Options(display, cancellation));
        var log = EvalLog.Open(settings.OutputFile(LogName));
        var images = CifarImages.Find(mlContext, settings.Data, cancellation);

        var pipeline = mlContext.Transforms.LoadImages("Image", imageFolder: null, inputColumnName: "ImagePath")
            .Append(mlContext.Transforms.ResizeImages("Image", settings.ImageSize, settings.ImageSize))
            .Append(mlContext.Transforms.ExtractPixels("Pixels", "Image"))
            .Append(mlContext.Transforms.NormalizeChannels("Features", "Pixels", ChannelNormalization.Cifar10))
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "ClassName"))
            .Append(trainer)
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"));
        TrainingDisplay.ShowStart(
            FormattableString.Invariant($"ShuffleNetV1 {width:0.0#}x in {groups} groups"), preset.Epochs, images.Training,
            settings.ImageSize, $"stem {preset.Stem}, preset {preset.Name}", settings.UsesGpu);
        var clock = Stopwatch.StartNew();
        using var model = display.Run(() => pipeline.Fit(images.Training));
        clock.Stop();

        SavedModel.Save(mlContext, model, images.Training.Schema, settings.ModelPath);
        if (cancellation.IsCancellationRequested)
        {
            Console.WriteLine("Stopped: the model is the best of the epochs done so far.");
            return ExitCode.Canceled;
        }
        settings.DeleteCheckpoint();

        var metrics = Evaluation.Run(mlContext, model, images.Test);
        var network = model.OfType<ImageClassificationTransformer>().Single();
        log.Append(LogEntry(network, clock.Elapsed, metrics, images.Source));
        Console.WriteLine($"Added a line to {log.Path}.");
        SavedModel.SaveReport(model, images.Test, images.Training, settings.ModelPath, images.Describe("ShuffleNetV1"));

        using var saved = new SavedModel(settings.ModelPath);
        saved.ShowPredictions(images.Test);
        Draw(saved, images.Test, $"{network.Architecture}: top-1 {metrics.MicroAccuracy:P2}, top-5 {metrics.TopKAccuracy:P2} "
            + $"of all {images.Test.GetRowCount():N0} {(images.Generated ? "generated " : "")}test images");
        images.RemindIfGenerated();
        return ExitCode.Done;
    }

    private ShuffleNetOptions Options(TrainingDisplay display, CancellationToken cancellation)
    {
        var options = new ShuffleNetOptions
        {
            Groups = groups,
            WidthMultiplier = width,
            Stem = preset.Stem,
            Epoch = preset.Epochs,
            BatchSize = preset.BatchSize,
            LearningRate = preset.LearningRate,
            Recipe = preset.RecipeFor(settings.ImageSize),
        };
        settings.ApplyTo(options, display, cancellation);
        return options;
    }

    private EvalLogEntry LogEntry(
        ImageClassificationTransformer network, TimeSpan fitTime, MulticlassClassificationMetrics metrics, string source)
    {
        var report = network.Report!;
        // A training that went on after a break took longer than this process saw of it.
        var epochTime = TimeSpan.FromTicks(report.Epochs.Sum(epoch => epoch.Duration.Ticks));
        return new EvalLogEntry(
            DateTime.UtcNow, network.Architecture, report.Epochs.Count, report.TrainingImages, fitTime > epochTime ? fitTime : epochTime,
            metrics.MicroAccuracy, metrics.TopKAccuracy, metrics.LogLoss, settings.Seed, source);
    }

    /// <summary>Draws test images that the seed chooses, so that any class can be among them.</summary>
    private void Draw(SavedModel saved, IDataView test, string caption)
    {
        LabeledImage[] images = [.. LabeledImage.Rows(test)];
        new Random(settings.Seed).Shuffle(images);
        var predictions = images.Take(PredictionPicture.Images).Select(image => (image, saved.Predict(image))).ToList();
        var path = settings.OutputFile(PictureName);
        PredictionPicture.Write(path, caption, predictions);
        Console.WriteLine($"Drew {predictions.Count} predictions in {path}.");
    }
}
