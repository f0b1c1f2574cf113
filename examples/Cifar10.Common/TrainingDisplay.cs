using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNet.ImageClassification;
using Spectre.Console;

namespace CifarExamples;

/// <summary>Shows a training: a live bar on a terminal, and a line per epoch everywhere.</summary>
public sealed class TrainingDisplay
{
    /// <summary>A context that prints warnings, and what the trainer tells: where it continues from, and every epoch.</summary>
    public static MLContext CreateContext(int seed)
    {
        var mlContext = new MLContext(seed);
        mlContext.Log += (_, message) =>
        {
            if (message.Kind >= ChannelMessageKind.Warning
                || (message.Kind == ChannelMessageKind.Info && message.Source.Contains("ImageClassification")))
                WriteLine(message.RawMessage);
        };
        return mlContext;
    }

    /// <summary>To be told how far the training is.</summary>
    public IProgress<TrainingProgress> Progress { get; }

    private ProgressTask? _bar;

    public TrainingDisplay() => Progress = new Callback<TrainingProgress>(Show);

    /// <summary>Prints what is about to be trained.</summary>
    public static void ShowStart(string network, int epochs, IDataView images, int imageSize, string details, bool gpu) => Console.WriteLine(
        $"Training {network}, {epochs} {(epochs == 1 ? "epoch" : "epochs")} of {images.GetRowCount():N0} images at {imageSize}x{imageSize} pixels, "
        + $"{details}, on {(gpu ? "a GPU" : "the CPU")}.");

    /// <summary>Runs the training with the bar on the screen.</summary>
    public T Run<T>(Func<T> train)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive)
            return train();
        return AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn { Width = 30 }, new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(display =>
            {
                _bar = display.AddTask("reading the images");
                return train();
            });
    }

    /// <summary>Prints a line, above the bar where there is one.</summary>
    public static void WriteLine(string line)
    {
        if (AnsiConsole.Profile.Capabilities.Interactive)
            AnsiConsole.WriteLine(line);
        else
            Console.WriteLine(line);
    }

    private void Show(TrainingProgress progress)
    {
        if (_bar is null)
            return;
        _bar.MaxValue = (double)progress.Epochs * progress.Steps;
        _bar.Value = (progress.Epoch - 1.0) * progress.Steps + progress.Step;
        _bar.Description = $"epoch {progress.Epoch}/{progress.Epochs}  step {progress.Step}/{progress.Steps}  loss {progress.Loss:F3}  "
            + $"accuracy {progress.Accuracy:P1}  {progress.ImagesPerSecond:N0} images/s  {progress.TimeLeft:h\\:mm\\:ss} left";
    }
}
