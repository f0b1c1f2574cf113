using Microsoft.ML;
using MlNet.ImageClassification;

namespace CifarExamples;

/// <summary>The model as a file, used as another program would: it knows ML.NET, the path and the columns.</summary>
public sealed class SavedModel : IDisposable
{
    /// <summary>The file of a training's report.</summary>
    public const string ReportName = "report.html";

    private const int Shown = 6;

    private readonly MLContext _mlContext = new();
    private readonly string _path;
    private readonly ITransformer _model;
    private readonly PredictionEngine<LabeledImage, Prediction> _engine;

    public SavedModel(string path)
    {
        _path = path;
        _model = _mlContext.Model.Load(path, out _);
        _engine = _mlContext.Model.CreatePredictionEngine<LabeledImage, Prediction>(
            _model, new PredictionEngineOptions { OwnsTransformer = false });
    }

    /// <summary>Saves a model beside the file that may be there already, then takes its place.</summary>
    public static void Save(MLContext mlContext, ITransformer model, DataViewSchema inputSchema, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var beside = path + ".new";
        try
        {
            mlContext.Model.Save(model, inputSchema, beside);
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(beside);
            throw new IOException($"The model could not be saved as '{path}': {e.Message}", e);
        }
        Console.WriteLine($"Saved {path}.");
    }

    /// <summary>Writes the report of a training beside its model; a training that is over is not to fail for its report.</summary>
    public static void SaveReport(ITransformer model, IDataView test, IDataView training, string modelPath, string? title = null)
    {
        string path = Path.Combine(Path.GetDirectoryName(modelPath)!, ReportName);
        try
        {
            model.SaveReport(path, test, training, title);
            Console.WriteLine($"Wrote the report of the training to {path}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"The report could not be written as '{path}': {e.Message}");
        }
    }

    public Prediction Predict(LabeledImage image) => _engine.Predict(image);

    /// <summary>Predicts one image of each of six classes and prints what came out.</summary>
    public void ShowPredictions(IDataView test)
    {
        Console.WriteLine($"Six test images, predicted by the model loaded from {_path}:");
        Report.Show(LabeledImage.Rows(test)
            .DistinctBy(image => image.ClassName)
            .Take(Shown)
            .Select(image => (image, Predict(image))));
    }

    public void Dispose()
    {
        _engine.Dispose();
        (_model as IDisposable)?.Dispose();
    }
}

/// <summary>What the model is given.</summary>
public sealed class LabeledImage
{
    public string ImagePath { get; set; } = "";

    public string ClassName { get; set; } = "";

    public static IEnumerable<LabeledImage> Rows(IDataView images) =>
        new MLContext().Data.CreateEnumerable<LabeledImage>(images, reuseRowObject: false);
}

/// <summary>What the model answers.</summary>
public sealed class Prediction
{
    public string PredictedClass { get; set; } = "";

    public float[] Score { get; set; } = [];
}
