using System.CommandLine;
using CifarExamples;
using FineTunePhotos;
using MlNet.ImageClassification;

var data = new Option<string>("--data")
{
    Description = "A folder of photos: with one sub-folder per class, or with train/ and val/ that have them; or a CSV list of paths and labels.",
    Required = true,
};
var epochs = new Option<int>("--epochs") { Description = "Walks through the training photos.", DefaultValueFactory = _ => 8 };
var imageSize = new Option<int>("--image-size") { Description = "Side of the images in pixels, a multiple of 32.", DefaultValueFactory = _ => 224 };
var learningRate = new Option<double?>("--learning-rate")
{
    Description = "The peak learning rate. [default: 0.005 for the classifier and a tenth of it for the layers before; 0.025 without weights]",
};
var weights = new Option<string>("--weights")
{
    Description = "What to start from: imagenet (a ResNet-18 from NuGet), none, or a .safetensors, .pth or model.zip file.",
    DefaultValueFactory = _ => "imagenet",
};
var device = new Option<string>("--device") { Description = "auto, cpu, cuda or cuda:<number>.", DefaultValueFactory = _ => "auto" };
var seed = new Option<int>("--seed") { Description = "The same seed gives the same network.", DefaultValueFactory = _ => 1 };
var output = new Option<DirectoryInfo>("--output")
{
    Description = $"Folder for model.zip and {SavedModel.ReportName}.",
    DefaultValueFactory = _ => new DirectoryInfo(Path.Combine("artifacts", "finetune-photos")),
};
var explain = new Option<DirectoryInfo?>("--explain")
{
    Description = "Folder for pictures of where in the photos to classify the model sees the class it predicts (Grad-CAM).",
};
var files = new Argument<string[]>("files") { Description = "Photos to classify with the saved model.", Arity = ArgumentArity.ZeroOrMore };
var command = new RootCommand("Fine-tunes a network on your own photos, evaluates it on photos held out, saves it and classifies files with it.")
{
    data, epochs, learningRate, imageSize, weights, device, seed, output, explain, files,
};

return await ExampleProgram.RunAsync(command, args, (arguments, cancellation) => new TrainingJob(
    arguments.GetValue(data)!, arguments.GetValue(epochs), arguments.GetValue(learningRate), arguments.GetValue(imageSize), arguments.GetValue(weights)!,
    ComputeDevice.Parse(arguments.GetValue(device)!), arguments.GetValue(seed), arguments.GetValue(output)!, arguments.GetValue(explain), arguments.GetValue(files)!)
    .Run(cancellation));
