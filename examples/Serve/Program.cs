using System.CommandLine;
using System.CommandLine.Parsing;
using ServeImages;

var defaults = new ServeOptions { ModelPath = "" };
var model = new Option<FileInfo>("--model")
{
    Description = "The model.zip of a training, or an .onnx file of SaveOnnx. Another file renamed into its place is taken up while the service runs.",
    Required = true,
};
var urls = new Option<string>("--urls") { Description = "Where to listen.", DefaultValueFactory = _ => defaults.Urls };
var maximumBytes = new Option<long>("--max-bytes")
{
    Description = "The most bytes of a request's body.",
    DefaultValueFactory = _ => defaults.MaximumBytes,
    Validators = { AtLeastOne<long> },
};
var maximumPixels = new Option<long>("--max-pixels")
{
    Description = "The most pixels of an image, as its header tells.",
    DefaultValueFactory = _ => defaults.MaximumPixels,
    Validators = { AtLeastOne<long> },
};
var maximumImages = new Option<int>("--max-images")
{
    Description = "The most images of a request.",
    DefaultValueFactory = _ => defaults.MaximumImages,
    Validators = { AtLeastOne<int> },
};
var concurrency = new Option<int>("--concurrency")
{
    Description = "Requests served at once.",
    DefaultValueFactory = _ => defaults.Concurrency,
    Validators = { AtLeastOne<int> },
};
var batch = new Option<int>("--batch")
{
    Description = "The most images of a forward pass.",
    DefaultValueFactory = _ => defaults.BatchSize,
    Validators = { AtLeastOne<int> },
};
var timeout = new Option<int>("--timeout")
{
    Description = "Seconds that a sender may take for its body, and then an image for its scores.",
    DefaultValueFactory = _ => (int)defaults.Timeout.TotalSeconds,
    Validators = { AtLeastOne<int> },
};
var command = new RootCommand("Classifies images over HTTP with a saved model: POST /predict, POST /explain, GET /health, GET /metrics, and a page at /.")
{
    model, urls, maximumBytes, maximumPixels, maximumImages, concurrency, batch, timeout,
};
command.SetAction(async (arguments, cancellation) =>
{
    try
    {
        await using var app = ImageService.Build(new ServeOptions
        {
            ModelPath = arguments.GetValue(model)!.FullName,
            Urls = arguments.GetValue(urls)!,
            MaximumBytes = arguments.GetValue(maximumBytes),
            MaximumPixels = arguments.GetValue(maximumPixels),
            MaximumImages = arguments.GetValue(maximumImages),
            Concurrency = arguments.GetValue(concurrency),
            BatchSize = arguments.GetValue(batch),
            Timeout = TimeSpan.FromSeconds(arguments.GetValue(timeout)),
        });
        await app.RunAsync();
        return 0;
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or InvalidOperationException or FormatException)
    {
        Console.Error.WriteLine($"error: {e.Message}");
        return 1;
    }
});
// The host listens to signals itself and takes its time to answer what it accepted.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static void AtLeastOne<T>(OptionResult option)
    where T : struct, System.Numerics.INumber<T>
{
    if (option.GetValueOrDefault<T>() < T.One)
        option.AddError($"{option.Option.Name} is {option.GetValueOrDefault<T>()}; it must be at least 1.");
}
