using System.CommandLine;
using PredictImages;

var model = new Option<FileInfo>("--model") { Description = "The model.zip of a training, or an .onnx file of SaveOnnx.", Required = true };
var top = new Option<int>("--top")
{
    Description = "How many classes to tell of each image.",
    DefaultValueFactory = _ => 5,
    Validators = { option => { if (option.GetValueOrDefault<int>() < 1) option.AddError($"--top is {option.GetValueOrDefault<int>()}; it must be at least 1."); } },
};
var format = new Option<string>("--format")
{
    Description = "table, json (one object a line: path, predictions of label and score, or error) or csv.",
    DefaultValueFactory = _ => "table",
}.AcceptOnlyFromAmong("table", "json", "csv");
var files = new Argument<string[]>("files")
{
    Description = "Image files, folders (their images, sub-folders included), or - for standard input with one path a line.",
    Arity = ArgumentArity.OneOrMore,
};
var command = new RootCommand(
    """
    Classifies images with a saved model. The results go to standard output, in the order of the files; an image that cannot be
    used is a line that says why, and the others go on.

    Exit codes:
      0    every image was classified
      1    nothing was classified: an option is wrong, the model cannot be loaded, or there was no image
      2    some images could not be used; the others were classified
      130  stopped by Ctrl-C
    """)
{
    model, top, format, files,
};
command.SetAction((arguments, cancellation) => Task.Run(
    () => Classification.Run(
        arguments.GetValue(model)!.FullName, arguments.GetValue(files)!, arguments.GetValue(top), arguments.GetValue(format)!, cancellation),
    CancellationToken.None));
return await command.Parse(args).InvokeAsync();
