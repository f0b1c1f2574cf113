using CifarExamples;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNet.ImageClassification;
using MlNet.ResNet;
using MlNet.ResNet.Pretrained;
using Spectre.Console;

namespace FineTunePhotos;

/// <summary>The whole job: find the photos, fine-tune, save, evaluate, show mistakes, classify files and show what the model looks at.</summary>
internal sealed class TrainingJob(
    string data, int epochs, double? learningRate, int imageSize, string weights, ComputeDevice device, int seed, DirectoryInfo output,
    DirectoryInfo? explain, string[] files)
{
    private const int MistakesShown = 5;
    private const int BatchSize = 32;

    public int Run(CancellationToken cancellation)
    {
        var mlContext = CreateContext();
        var photos = Photos.Find(mlContext, data, seed);
        Console.WriteLine($"Photos: {photos.Training.GetRowCount():N0} to train on, {photos.Test.GetRowCount():N0} held out, {Photos.ClassNames(photos.Training).Length} classes.");

        var display = new TrainingDisplay();
        var pipeline = mlContext.Transforms.LoadImageFiles("Features", imageSize, imageSize, "ImagePath", new LoadImageFilesOptions { BadImages = BadImagePolicy.Skip })
            .Append(mlContext.MulticlassClassification.Trainers.ResNet18(Options(display, cancellation)))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"));
        using var model = display.Run(() => pipeline.Fit(photos.Training));

        string path = Path.Combine(output.FullName, "model.zip");
        SavedModel.Save(mlContext, model, photos.Training.Schema, path);
        if (cancellation.IsCancellationRequested)
        {
            Console.WriteLine("Stopped: the model is the best of the epochs done so far.");
            return ExitCode.Canceled;
        }

        var metrics = Evaluation.Run(mlContext, model, photos.Test);
        ShowMistakes(mlContext, model, photos.Test);
        SavedModel.SaveReport(model, photos.Test, photos.Training, path);
        Console.WriteLine(FormattableString.Invariant($"micro accuracy {100 * metrics.MicroAccuracy:F2} %"));
        Classify(path);
        return ExitCode.Done;
    }

    private ResNetOptions Options(TrainingDisplay display, CancellationToken cancellation)
    {
        bool fromScratch = weights == "none";
        return new ResNetOptions
        {
            Epoch = epochs,
            BatchSize = BatchSize,
            LearningRate = learningRate,
            Recipe = fromScratch ? TrainingRecipe.FromScratch : TrainingRecipe.FineTune,
            InitialWeights = weights == "imagenet" ? NuGetWeights.ResNet18ImageNet : null,
            InitialWeightsPath = weights is "imagenet" or "none" ? null : weights,
            BadImages = BadImagePolicy.Skip,
            Device = device,
            Seed = seed,
            Progress = display.Progress,
            CancellationToken = cancellation,
        };
    }

    /// <summary>Prints the wrong answers that the model was surest of.</summary>
    private static void ShowMistakes(MLContext mlContext, ITransformer model, IDataView test)
    {
        var mistakes = mlContext.Data.CreateEnumerable<ScoredPhoto>(model.Transform(test), reuseRowObject: false)
            .Where(photo => photo.PredictedClass != photo.ClassName)
            .OrderByDescending(photo => photo.Score.Max())
            .Take(MistakesShown)
            .ToArray();
        if (mistakes.Length == 0)
            return;
        Console.WriteLine("The wrong answers that the model was surest of:");
        Show(mistakes, withTruth: true);
    }

    /// <summary>Classifies files with the saved model, as another program would.</summary>
    private void Classify(string path)
    {
        if (files.Length == 0)
            return;
        var mlContext = new MLContext();
        var model = mlContext.Model.Load(path, out _);
        using var network = (IDisposable)model;
        var photos = mlContext.Data.LoadFromEnumerable(files.Select(file => new ScoredPhoto { ImagePath = file }));
        Console.WriteLine($"The files given, classified by the model loaded from {path}:");
        var scored = model.Transform(photos);
        Show(mlContext.Data.CreateEnumerable<ScoredPhoto>(scored, reuseRowObject: false), withTruth: false);
        if (explain is null)
            return;
        using var explainer = mlContext.Transforms.GradCam("Explanation", model).Fit(scored);
        var pictures = explainer.SaveImages(scored, explain.FullName);
        Console.WriteLine($"{pictures.Count} pictures of what the model looks at, from blue to red: {explain.FullName}");
    }

    private static void Show(IEnumerable<ScoredPhoto> photos, bool withTruth)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("photo");
        if (withTruth)
            table.AddColumn("is");
        table.AddColumn("predicted").AddColumn(new TableColumn("probability").RightAligned());
        foreach (var photo in photos)
        {
            bool isScored = photo.Score.All(float.IsFinite);
            string[] answer = isScored ? [photo.PredictedClass, $"{photo.Score.Max():P1}"] : ["no usable image", ""];
            string[] truth = withTruth ? [photo.ClassName] : [];
            table.AddRow([.. new[] { ShortName(photo.ImagePath) }.Concat(truth).Concat(answer).Select(Markup.Escape)]);
        }
        AnsiConsole.Write(table);
    }

    private static string ShortName(string path) => Path.Combine(Path.GetFileName(Path.GetDirectoryName(path)) ?? "", Path.GetFileName(path));

    private MLContext CreateContext()
    {
        var mlContext = new MLContext(seed);
        mlContext.Log += (_, message) =>
        {
            if (message.Kind >= ChannelMessageKind.Warning || (message.Kind == ChannelMessageKind.Info && message.Source.Contains("ImageClassification")))
                TrainingDisplay.WriteLine(message.RawMessage);
        };
        return mlContext;
    }
}

/// <summary>A photo and what the model says of it.</summary>
internal sealed class ScoredPhoto
{
    public string ImagePath { get; set; } = "";

    public string ClassName { get; set; } = "";

    public string PredictedClass { get; set; } = "";

    public float[] Score { get; set; } = [];
}
