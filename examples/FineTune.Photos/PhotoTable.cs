using CifarExamples;
using Microsoft.ML;
using MlNet.ImageClassification;
using Spectre.Console;

namespace FineTunePhotos;

/// <summary>Shows what a model says of single photos.</summary>
internal static class PhotoTable
{
    private const int MistakesShown = 5;

    /// <summary>Prints the wrong answers that the model was surest of.</summary>
    public static void ShowMistakes(MLContext mlContext, ITransformer model, IDataView test)
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

    /// <summary>Classifies files with a saved model, as another program would, and draws what it looks at where a folder is given.</summary>
    public static void Classify(string modelPath, string[] files, DirectoryInfo? explain)
    {
        if (files.Length == 0)
            return;
        var mlContext = new MLContext();
        var model = mlContext.Model.Load(modelPath, out _);
        using var network = (IDisposable)model;
        var photos = mlContext.Data.LoadFromEnumerable(files.Select(file => new ScoredPhoto { ImagePath = file }));
        Console.WriteLine($"The files given, classified by the model loaded from {modelPath}:");
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
}

/// <summary>A photo and what the model says of it.</summary>
internal sealed class ScoredPhoto
{
    public string ImagePath { get; set; } = "";

    public string ClassName { get; set; } = "";

    public string PredictedClass { get; set; } = "";

    public float[] Score { get; set; } = [];
}
