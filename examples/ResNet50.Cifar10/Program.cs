using System.CommandLine;
using CifarExamples;
using MlNet.Distributed;
using MlNet.ResNet;
using ResNetOnCifar10;

var options = new ExampleOptions("resnet50-cifar10", epochsDefault: "4 on a CPU, 30 on a GPU", outputFiles: $"model.zip, {SavedModel.ReportName}");
var architecture = new Option<string>("--arch") { Description = "The network.", DefaultValueFactory = _ => "resnet50" }
    .AcceptOnlyFromAmong("resnet18", "resnet34", "resnet50", "resnet101", "resnet152");
var stem = new Option<ResNetStem?>("--stem") { Description = "The first layers. [default: ImageNet on a CPU, Cifar on a GPU]" };
var learningRate = new Option<double?>("--learning-rate") { Description = "The peak learning rate. [default: 0.1]" };
var find = new Option<bool>("--find-learning-rate") { Description = "Look for a learning rate in place of a training." };
var distributed = new Option<bool>("--distributed")
{
    Description = "Train as the ranks of an MPI job, each on its part of every batch: mpirun -n 2 --bind-to none ./run.sh resnet50 --distributed",
};
var command = new RootCommand("Trains a ResNet on CIFAR-10 in an ML.NET pipeline, evaluates it, saves it, and predicts with the saved model.")
{
    options.Data, architecture, options.Epochs, options.ImageSize, stem, learningRate, find, options.Precision, options.Device, options.Seed, options.Output,
    distributed,
};

return await ExampleProgram.RunAsync(command, args, (arguments, cancellation) =>
{
    using var group = arguments.GetValue(distributed) ? MpiProcessGroup.Join() : null;
    var job = new TrainingJob(options.Read(arguments), arguments.GetValue(architecture)!, arguments.GetValue(stem), arguments.GetValue(learningRate), group);
    int exitCode = arguments.GetValue(find) ? job.FindLearningRate(cancellation) : job.Run(cancellation);
    group?.Complete();
    return exitCode;
});
