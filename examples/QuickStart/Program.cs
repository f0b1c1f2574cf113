using Cifar10Loader;
using Microsoft.ML;
using MlNet.ImageClassification;
using MlNet.ResNet;
using MlNet.ResNet.Pretrained;

// A folder with one sub-folder of photos per class; a quarter of each class is kept for the test.
if (args is not [var folder])
{
    Console.Error.WriteLine("Name a folder that has one sub-folder of photos per class.");
    return 1;
}
var mlContext = new MLContext(seed: 1);
mlContext.Log += (_, e) => { if (e.Source == "ImageClassification") Console.WriteLine(e.RawMessage); };
var photos = mlContext.Data.LoadImageFolder(folder);
var (training, test) = mlContext.Data.TrainTestSplitByClass(photos, testFraction: 0.25, seed: 1);

var options = new ResNetOptions { InitialWeights = NuGetWeights.ResNet18ImageNet, Recipe = TrainingRecipe.FineTune, Epoch = 8 };
var pipeline = mlContext.Transforms.LoadImageFiles("Features", imageWidth: 224, imageHeight: 224, inputColumnName: "ImagePath")
    .Append(mlContext.MulticlassClassification.Trainers.ResNet18(options))
    .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"));

using var model = pipeline.Fit(training);

var metrics = mlContext.MulticlassClassification.Evaluate(model.Transform(test));
Console.WriteLine($"accuracy {metrics.MicroAccuracy:P1}, log-loss {metrics.LogLoss:F3}");
mlContext.Model.Save(model, photos.Schema, "model.zip");
return 0;
