using System.CommandLine;
using CifarExamples;
using MlNet.ShuffleNet;
using ShuffleNetOnCifar10;

var options = new ExampleOptions(
    "shufflenet-cifar10", epochsDefault: "by the preset", outputFiles: $"model.zip, {SavedModel.ReportName}, {TrainingJob.LogName}, {TrainingJob.PictureName}");
var preset = new Option<string?>("--preset")
{
    Description = "The recipe: fast is for a CPU, full for a GPU. [default: by the device]",
}.AcceptOnlyFromAmong([.. Preset.All.Select(p => p.Name)]);
var groups = new Option<int>("--groups") { Description = "Groups of the 1x1 convolutions: 1, 2, 3, 4 or 8.", DefaultValueFactory = _ => 3 };
var width = new Option<double>("--width") { Description = "Multiplies the channels: 0.25, 0.5, 1, 1.5 or 2.", DefaultValueFactory = _ => 2 };
var stem = new Option<ShuffleNetStem?>("--stem") { Description = "The first layers. [default: by the preset]" };
var command = new RootCommand(
    "Trains a ShuffleNetV1 on CIFAR-10 in an ML.NET pipeline, evaluates it, adds a line to a log of evaluations, saves it, "
    + "and draws a picture of what the saved model predicts.")
{
    preset, options.Data, options.Epochs, groups, width, stem, options.ImageSize, options.Precision, options.Device, options.Seed,
    options.Output,
};

return await ExampleProgram.RunAsync(command, args, (arguments, cancellation) =>
{
    var settings = options.Read(arguments);
    var recipe = Preset.Find(arguments.GetValue(preset), settings.UsesGpu);
    recipe = recipe with { Stem = arguments.GetValue(stem) ?? recipe.Stem, Epochs = settings.Epochs ?? recipe.Epochs };
    return new TrainingJob(settings, recipe, arguments.GetValue(groups), arguments.GetValue(width)).Run(cancellation);
});
