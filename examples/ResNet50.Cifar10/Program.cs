using System.CommandLine;
using CifarExamples;
using MlNet.ResNet;
using ResNetOnCifar10;

var options = new ExampleOptions("resnet50-cifar10", epochsDefault: "1 on a CPU, 30 on a GPU", outputFiles: "model.zip");
var architecture = new Option<string>("--arch") { Description = "The network.", DefaultValueFactory = _ => "resnet50" }
    .AcceptOnlyFromAmong("resnet18", "resnet34", "resnet50", "resnet101", "resnet152");
var stem = new Option<ResNetStem?>("--stem") { Description = "The first layers. [default: ImageNet on a CPU, Cifar on a GPU]" };
var command = new RootCommand("Trains a ResNet on CIFAR-10 in an ML.NET pipeline, evaluates it, saves it, and predicts with the saved model.")
{
    options.Data, architecture, options.Epochs, options.ImageSize, stem, options.Precision, options.Device, options.Seed, options.Output,
};

return await ExampleProgram.RunAsync(command, args, (arguments, cancellation) =>
    new TrainingJob(options.Read(arguments), arguments.GetValue(architecture)!, arguments.GetValue(stem)).Run(cancellation));
