using CifarExamples;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MlNet.ImageClassification;

namespace FineTunePhotos;

/// <summary>The whole job: find the photos, train, save, evaluate, show mistakes, classify files and show what the model looks at.</summary>
internal sealed class TrainingJob(PhotoSettings settings)
{
    private const int CpuBatchSize = 32;
    private const int GpuBatchSize = 64;

    public int Run(CancellationToken cancellation)
    {
        var mlContext = TrainingDisplay.CreateContext(settings.Seed);
        var display = new TrainingDisplay();
        // What is wrong with an option is told before anything is read.
        var pipeline = Pipeline(mlContext, display, cancellation);
        var photos = Photos.Find(mlContext, settings);
        Console.WriteLine($"Photos: {photos.Training.GetRowCount():N0} to train on, {photos.Test.GetRowCount():N0} held out, {Photos.ClassNames(photos.Training).Length} classes.");
        TrainingDisplay.ShowStart(
            settings.Architecture, Recipes.Epochs(settings), photos.Training, settings.ImageSize, $"recipe {settings.Recipe}, weights {settings.Weights}", settings.UsesGpu);
        using var model = display.Run(() => pipeline.Fit(photos.Training));

        SavedModel.Save(mlContext, model, photos.Training.Schema, settings.ModelPath);
        if (cancellation.IsCancellationRequested)
        {
            Console.WriteLine("Stopped: the model is the best of the epochs done so far. The same command goes on from here.");
            return ExitCode.Canceled;
        }
        // The next run is to train again, not to take the network of this one. A probe has no checkpoint.
        if (Directory.Exists(settings.CheckpointFolder))
            Directory.Delete(settings.CheckpointFolder, recursive: true);

        var metrics = Evaluation.Run(mlContext, model, photos.Test);
        PhotoTable.ShowMistakes(mlContext, model, photos.Test);
        SavedModel.SaveReport(model, photos.Test, photos.Training, settings.ModelPath);
        PhotoTable.Classify(settings.ModelPath, settings.Files, settings.Explain);
        Console.WriteLine(FormattableString.Invariant($"micro accuracy {100 * metrics.MicroAccuracy:F2} %"));
        return ExitCode.Done;
    }

    private EstimatorChain<KeyToValueMappingTransformer> Pipeline(MLContext mlContext, TrainingDisplay display, CancellationToken cancellation)
    {
        var reading = new LoadImageFilesOptions { BadImages = BadImagePolicy.Skip, Interpolation = settings.Interpolation };
        return mlContext.Transforms.LoadImageFiles("Features", settings.ImageSize, settings.ImageSize, "ImagePath", reading)
            .Append(Networks.Trainer(mlContext, settings, options => ApplyTo(options, display, cancellation)))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"));
    }

    private void ApplyTo(ImageClassificationOptions options, TrainingDisplay display, CancellationToken cancellation)
    {
        var recipe = Recipes.Create(settings);
        options.Recipe = recipe;
        options.Epoch = Recipes.Epochs(settings);
        options.BatchSize = settings.BatchSize ?? (settings.UsesGpu ? GpuBatchSize : CpuBatchSize);
        options.LearningRate = settings.LearningRate;
        options.InitialWeights = settings.Weights == PhotoSettings.ImageNet ? Networks.ImageNetWeights(settings.Architecture) : null;
        options.InitialWeightsPath = settings.Weights is PhotoSettings.ImageNet or PhotoSettings.NoWeights ? null : settings.Weights;
        options.Normalization = Networks.Normalizations[settings.Normalization];
        options.ClassWeights = settings.BalanceClasses ? ClassWeights.Balanced : null;
        options.BadImages = BadImagePolicy.Skip;
        options.PixelMemoryMegabytes = settings.MemoryMegabytes;
        options.Precision = settings.Precision;
        options.Device = settings.Device;
        options.Seed = settings.Seed;
        options.WorkspacePath = recipe.ClassifierOnly ? null : settings.CheckpointFolder;
        options.LogDirectory = settings.TensorBoard;
        options.Progress = display.Progress;
        options.CancellationToken = cancellation;
    }
}
