using Cifar10Loader;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FineTunePhotos;

/// <summary>Photos to train on and photos held out to test on; columns Label (key), ClassName and ImagePath.</summary>
internal sealed record Photos(IDataView Training, IDataView Test)
{
    private const double TestFraction = 0.2;

    private static readonly string[] TestFolders = ["val", "test", "validation"];

    /// <summary>Finds the photos of a folder or of a CSV list. Without others for the test a fifth of each class is held out.</summary>
    public static Photos Find(MLContext mlContext, PhotoSettings settings)
    {
        var (data, test) = (settings.Data, settings.Test);
        string folder = Path.Combine(data, "train");
        if (Directory.Exists(folder))
        {
            test ??= TestFolders.Select(name => Path.Combine(data, name)).FirstOrDefault(Directory.Exists);
            data = test is null ? data : folder;
        }
        var photos = Open(mlContext, data, settings.ImageFolder, classNames: null);
        if (test is not null)
            return new Photos(photos, Open(mlContext, test, settings.ImageFolder, ClassNames(photos)));
        var (training, heldOut) = mlContext.Data.TrainTestSplitByClass(photos, TestFraction, seed: settings.Seed);
        return new Photos(training, heldOut);
    }

    /// <summary>The names that the label's keys stand for, in their order.</summary>
    public static string[] ClassNames(IDataView photos)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        photos.Schema["Label"].GetKeyValues(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    private static IDataView Open(MLContext mlContext, string path, string? imageFolder, string[]? classNames) => File.Exists(path)
        ? mlContext.Data.LoadImageManifest(path, imageFolder, classNames)
        : mlContext.Data.LoadImageFolder(path, classNames);
}
