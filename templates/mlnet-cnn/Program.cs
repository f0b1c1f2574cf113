using Cifar10Loader;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MlNet.ImageClassification;
using MlNet.ResNet;
using MlNet.ResNet.Pretrained;

// dotnet run -c Release                    trains on the folder below, evaluates and saves
// dotnet run -c Release -- FOLDER          the same with another folder
// dotnet run -c Release -- photo.jpg ...   classifies files with the saved model

const string modelPath = "model.zip";
const int imageSize = 224; // pixels, a multiple of 32
const int epochs = 8;      // walks through the photos

if (args.Length > 0 && File.Exists(args[0]))
    return Predict(args);

// One sub-folder of photos per class.
string imageFolder = Path.GetFullPath(args.FirstOrDefault() ?? """IMAGES_FOLDER""");
if (!Directory.Exists(imageFolder))
{
    Console.Error.WriteLine($"There is no folder '{imageFolder}'. Name one that has a sub-folder of photos per class: dotnet run -c Release -- FOLDER");
    return 1;
}

// The same seed gives the same network.
var mlContext = new MLContext(seed: 1);
mlContext.Log += (_, e) =>
{
    if (e.Kind >= ChannelMessageKind.Warning || (e.Kind == ChannelMessageKind.Info && e.Source == "ImageClassification"))
        Console.WriteLine(e.RawMessage);
};
var photos = mlContext.Data.LoadImageFolder(imageFolder);
var (training, test) = mlContext.Data.TrainTestSplitByClass(photos, testFraction: 0.2, seed: 1);

// Files that are no usable images are left out, and the log names them.
var pipeline = mlContext.Transforms.LoadImageFiles("Features", imageSize, imageSize, "ImagePath", new LoadImageFilesOptions { BadImages = BadImagePolicy.Skip })
    .Append(mlContext.MulticlassClassification.Trainers.ResNet18(new ResNetOptions
    {
        InitialWeights = NuGetWeights.ResNet18ImageNet,
        Recipe = TrainingRecipe.FineTune,
        Epoch = epochs,
        BatchSize = 32,
        BadImages = BadImagePolicy.Skip,
    }))
    .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"));
using var model = pipeline.Fit(training);
mlContext.Model.Save(model, photos.Schema, modelPath);

var scored = model.Transform(test);
var metrics = mlContext.MulticlassClassification.Evaluate(scored);
Console.WriteLine($"right of the photos held out: {metrics.MicroAccuracy:P1}, log-loss {metrics.LogLoss:F3}");
Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());
return Predict([.. test.GetColumn<string>("ImagePath").Take(3)]);

// What another program does with the saved model.
static int Predict(string[] files)
{
    var mlContext = new MLContext();
    var model = mlContext.Model.Load(modelPath, out _);
    using var loaded = model as IDisposable;
    using var engine = mlContext.Model.CreatePredictionEngine<Photo, Prediction>(model);
    foreach (string file in files)
    {
        var prediction = engine.Predict(new Photo { ImagePath = file });
        Console.WriteLine(float.IsNaN(prediction.Score[0])
            ? $"{file}: no usable image"
            : $"{file}: {prediction.PredictedClass}, {prediction.Score.Max():P1} sure");
    }
    return 0;
}

public sealed class Photo
{
    public string ImagePath { get; set; } = "";
}

public sealed class Prediction
{
    public string PredictedClass { get; set; } = "";

    public float[] Score { get; set; } = [];
}
