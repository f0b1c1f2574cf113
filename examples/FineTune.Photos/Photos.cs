using Cifar10Loader;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FineTunePhotos;

/// <summary>Photos to train on and photos held out to test on; columns Label (key), ClassName and ImagePath.</summary>
internal sealed record Photos(IDataView Training, IDataView Test)
{
    private const double TestFraction = 0.2;

    private static readonly string[] TestFolders = ["val", "test", "validation"];

    /// <summary>Finds the photos of a folder or of a CSV list. Without a folder for the test a fifth of each class is held out.</summary>
    public static Photos Find(MLContext mlContext, string data, int seed)
    {
        if (File.Exists(data))
            return Split(mlContext, mlContext.Data.LoadImageManifest(data), seed);

        string training = Path.Combine(data, "train");
        string? test = TestFolders.Select(name => Path.Combine(data, name)).FirstOrDefault(Directory.Exists);
        if (!Directory.Exists(training) || test is null)
            return Split(mlContext, mlContext.Data.LoadImageFolder(data), seed);
        var photos = mlContext.Data.LoadImageFolder(training);
        return new Photos(photos, mlContext.Data.LoadImageFolder(test, ClassNames(photos)));
    }

    /// <summary>The names that the label's keys stand for, in their order.</summary>
    public static string[] ClassNames(IDataView photos)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        photos.Schema["Label"].GetKeyValues(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    private static Photos Split(MLContext mlContext, IDataView all, int seed)
    {
        var (training, test) = mlContext.Data.TrainTestSplitByClass(all, TestFraction, seed: seed);
        return new Photos(training, test);
    }
}
