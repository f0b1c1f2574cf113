using Cifar10Loader;
using Microsoft.ML;
using MlNet.ImageClassification;
using MlNet.ResNet;

// A folder of photos with one sub-folder per class, a quarter of each class kept for the test.
if (args is not [var folder])
{
    Console.Error.WriteLine("Name a folder that has one sub-folder of photos per class.");
    return 1;
}
var mlContext = new MLContext(seed: 1);
mlContext.Log += (_, e) => { if (e.Source == "ImageClassification") Console.WriteLine(e.RawMessage); };
var photos = mlContext.Data.LoadImageFolder(folder);
var (training, test) = mlContext.Data.TrainTestSplitByClass(photos, testFraction: 0.25, seed: 1);

var pipeline = mlContext.Transforms.LoadImages("Image", imageFolder: null, inputColumnName: "ImagePath")
    .Append(mlContext.Transforms.ResizeImages("Image", imageWidth: 64, imageHeight: 64))
    .Append(mlContext.Transforms.ExtractPixels("Pixels", "Image"))
    .Append(mlContext.Transforms.NormalizeChannels("Features", "Pixels", ChannelNormalization.ImageNet))
    .Append(mlContext.MulticlassClassification.Trainers.ResNet50(new ResNetOptions { Epoch = 20 }))
    .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel"));

using var model = pipeline.Fit(training);

var metrics = mlContext.MulticlassClassification.Evaluate(model.Transform(test));
Console.WriteLine($"accuracy {metrics.MicroAccuracy:P1}, log-loss {metrics.LogLoss:F3}");
mlContext.Model.Save(model, photos.Schema, "model.zip");
return 0;
