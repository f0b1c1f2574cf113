using Cifar10Loader;
using Microsoft.ML;

namespace Examples.Tests;

/// <summary>A folder with 60 training and 40 test images in ten classes of drawn shapes, as class folders of PNG files.</summary>
internal sealed class SmallImages : IDisposable
{
    public SmallImages()
    {
        var mlContext = new MLContext();
        Cifar10.Generate(Home.At("batches"), trainingImages: 60, testImages: 40);
        Cifar10.ExportImages(Cifar10.Load(mlContext, Home.At("batches"), Cifar10Split.Train), Path.Combine(Folder, "train"));
        Cifar10.ExportImages(Cifar10.Load(mlContext, Home.At("batches"), Cifar10Split.Test), Path.Combine(Folder, "test"));
    }

    /// <summary>A place for outputs, too.</summary>
    public TempFolder Home { get; } = new();

    public string Folder
    {
        get
        {
            Directory.CreateDirectory(Home.At("images"));
            return Home.At("images");
        }
    }

    public void Dispose() => Home.Dispose();
}
