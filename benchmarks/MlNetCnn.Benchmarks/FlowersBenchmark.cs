using System.CommandLine;
using System.Diagnostics;
using Cifar10Loader;
using Microsoft.ML;
using Microsoft.ML.Transforms;
using MlNet.ImageClassification;
using MlNet.ResNet;
using MlNet.ResNet.Pretrained;

namespace MlNetCnn.Benchmarks;

/// <summary>
/// Ways to a classifier of a few hundred photos, with how many of the photos held out each gets right and the seconds it takes to
/// train: this library's, and ML.NET's own with the same weights.
/// </summary>
internal static class FlowersBenchmark
{
    // What ML.NET's featurizer takes, whatever the others are given.
    private const int FeaturizerSize = 224;

    private static readonly Dictionary<string, Func<MLContext, int, int, IEstimator<ITransformer>>> Routes = new()
    {
        ["fine-tuned"] = (ml, size, epochs) => Photos(ml, size).Append(ml.MulticlassClassification.Trainers.ResNet18(new ResNetOptions
        {
            InitialWeights = NuGetWeights.ResNet18ImageNet, Recipe = TrainingRecipe.FineTune, Epoch = epochs, BatchSize = 32,
        })),
        ["linear probe"] = (ml, size, _) => Photos(ml, size).Append(ml.MulticlassClassification.Trainers.ResNet18(new ResNetOptions
        {
            InitialWeights = NuGetWeights.ResNet18ImageNet, Recipe = TrainingRecipe.LinearProbe,
        })),
        ["FeaturizeImages + Lbfgs"] = (ml, size, _) => Photos(ml, size)
            .Append(ml.Transforms.FeaturizeImages("Features", NuGetWeights.ResNet18ImageNet))
            .AppendCacheCheckpoint(ml)
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy()),
        ["ML.NET: DnnFeaturizeImage + Lbfgs"] = (ml, _, _) => ml.Transforms.LoadImages("Image", null, "ImagePath")
            .Append(ml.Transforms.ResizeImages("Image", FeaturizerSize, FeaturizerSize))
            .Append(ml.Transforms.ExtractPixels("Pixels", "Image"))
            .Append(ml.Transforms.DnnFeaturizeImage("Features", dnn => dnn.ModelSelector.ResNet18(ml, dnn.OutputColumn, dnn.InputColumn), "Pixels"))
            .AppendCacheCheckpoint(ml)
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy()),
        ["from scratch"] = (ml, size, epochs) => Photos(ml, size).Append(ml.MulticlassClassification.Trainers.ResNet18(new ResNetOptions
        {
            Epoch = epochs, BatchSize = 32,
        })),
    };

    public static Command CreateCommand()
    {
        var data = new Option<DirectoryInfo>("--data") { Description = "A folder with train/ and val/, and in them one folder per class.", Required = true };
        var epochs = new Option<int>("--epochs") { Description = "Epochs of the trainings that have some.", DefaultValueFactory = _ => 8 };
        var size = new Option<int>("--size") { Description = "Side of the images in pixels; ML.NET's featurizer always takes 224.", DefaultValueFactory = _ => FeaturizerSize };
        var seeds = new Option<int>("--seeds") { Description = "How many seeds, from 1.", DefaultValueFactory = _ => 1 };
        seeds.Validators.Add(option =>
        {
            if (option.GetValueOrDefault<int>() < 1)
                option.AddError($"--seeds is {option.GetValueOrDefault<int>()}; it must be at least 1.");
        });
        var routes = new Option<string[]>("--routes")
        {
            Description = "Which ways.",
            DefaultValueFactory = _ => [.. Routes.Keys],
            AllowMultipleArgumentsPerToken = true,
        };
        routes.AcceptOnlyFromAmong([.. Routes.Keys]);
        var command = new Command("flowers", "Accuracy and seconds of ways to a classifier of photos, ML.NET's own among them.") { data, epochs, size, seeds, routes };
        command.SetAction(arguments => Run(
            arguments.GetValue(data)!.FullName, arguments.GetValue(epochs), arguments.GetValue(size), arguments.GetValue(seeds), arguments.GetValue(routes)!));
        return command;
    }

    private static void Run(string data, int epochs, int size, int seeds, string[] routes)
    {
        Console.WriteLine($"{data}: {epochs} epochs, {size} x {size} pixels, {seeds} seeds; accuracy in percent, seconds of Fit");
        var (accuracies, times) = (routes.ToDictionary(route => route, _ => new List<double>()), routes.ToDictionary(route => route, _ => new List<double>()));
        // Turn by turn, so that whatever slows the machine down meets all of them.
        for (int seed = 1; seed <= seeds; seed++)
            foreach (var route in routes)
            {
                var (accuracy, seconds) = Train(Routes[route], data, epochs, size, seed);
                accuracies[route].Add(100 * accuracy);
                times[route].Add(seconds);
                Console.WriteLine(FormattableString.Invariant($"  seed {seed}  {route,-34} {100 * accuracy,6:F2} % {seconds,8:F1} s"));
            }
        Console.WriteLine("medians (lowest to highest):");
        foreach (var route in routes)
            Console.WriteLine($"  {route,-34} {Range(accuracies[route], "F2")} %  {Range(times[route], "F1")} s");
    }

    private static (double Accuracy, double Seconds) Train(
        Func<MLContext, int, int, IEstimator<ITransformer>> route, string data, int epochs, int size, int seed)
    {
        var ml = new MLContext(seed);
        var training = ml.Data.LoadImageFolder(Path.Combine(data, "train"));
        var test = ml.Data.LoadImageFolder(Path.Combine(data, "val"), ClassLabels.GetClassNames(training));
        var watch = Stopwatch.StartNew();
        var model = route(ml, size, epochs).Fit(training);
        double seconds = watch.Elapsed.TotalSeconds;
        using (model as IDisposable)
            return (ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy, seconds);
    }

    private static LoadImageFilesEstimator Photos(MLContext ml, int size) => ml.Transforms.LoadImageFiles("Features", size, size, "ImagePath");

    private static string Range(List<double> values, string format) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{Times.MedianOf(values).ToString(format)} ({values.Min().ToString(format)} to {values.Max().ToString(format)})");
}
