using System.Text;
using Microsoft.ML;
using MlNet.ImageClassification.Reports;

namespace MlNet.ImageClassification;

/// <summary>Writes a training as one HTML page, which needs neither a network nor scripts.</summary>
public static class TrainingReportExtensions
{
    /// <summary>
    /// Writes what is known of a training and its model: curves, what the model answers on test data, images, options and the machine.
    /// The page is written beside and renamed.
    /// </summary>
    /// <param name="report">How the training went.</param>
    /// <param name="path">The file; one that is there is replaced, a folder that is not there is made.</param>
    /// <param name="model">What <c>Fit</c> returned: the network, or the pipeline that holds it.</param>
    /// <param name="testData">
    /// Rows that the model was not trained on, as the model takes them, with the label. They are scored once. Null for a page
    /// without results on them.
    /// </param>
    /// <param name="trainingData">The rows that were trained on, to show some of them and their augmentation; null for none.</param>
    /// <param name="title">The page's heading; null: the network's name.</param>
    /// <exception cref="InvalidOperationException">The model holds no network of this library, or the data has not its columns.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    public static void Save(
        this TrainingReport report, string path, ITransformer model, IDataView? testData = null, IDataView? trainingData = null, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        Write(report, path, model, testData, trainingData, title);
    }

    /// <summary>
    /// The same, with the report that the model's network has. A model that was loaded has none: its page has everything but the
    /// training.
    /// </summary>
    /// <param name="model">What <c>Fit</c> returned, or a loaded model: the network, or the pipeline that holds it.</param>
    /// <param name="path">The file; one that is there is replaced, a folder that is not there is made.</param>
    /// <param name="testData">Rows that the model was not trained on, with the label; null for none.</param>
    /// <param name="trainingData">The rows that were trained on, to show some of them; null for none.</param>
    /// <param name="title">The page's heading; null: the network's name.</param>
    /// <exception cref="InvalidOperationException">The model holds no network of this library, or the data has not its columns.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    public static void SaveReport(
        this ITransformer model, string path, IDataView? testData = null, IDataView? trainingData = null, string? title = null) =>
        Write(null, path, model, testData, trainingData, title);

    private static void Write(
        TrainingReport? report, string path, ITransformer model, IDataView? testData, IDataView? trainingData, string? title)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(model);
        var network = NetworkOf(model);
        report ??= network.Report;
        int seed = report?.Seed ?? 0;
        var test = testData is null ? null : TestResults.Of(model, network, testData, seed);
        var samples = trainingData is null ? null : TrainingSamples.Of(model, network, trainingData, AugmentationOf(report), seed);
        Replace(path, ReportPage.Write(title, network, report, test, samples));
    }

    private static AugmentationOptions? AugmentationOf(TrainingReport? report) =>
        report?.Options?.Recipe.Augmentation is { } augmentation && augmentation != AugmentationOptions.None ? augmentation : null;

    private static ImageClassificationTransformer NetworkOf(ITransformer model) =>
        TrainedNetwork.AllIn(model).LastOrDefault() ?? throw new InvalidOperationException(
            $"The model ({model.GetType().Name}) holds no network of this library; give what Fit of a pipeline with one of its trainers returned.");

    private static void Replace(string path, string page)
    {
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        FileReplacement.Write(path, file => file.Write(Encoding.UTF8.GetBytes(page)));
    }
}
