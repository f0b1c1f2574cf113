using Cifar10Loader;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification;
using MlNet.ResNet;
using MlNet.ShuffleNet;
using TorchSharp;

namespace Serve.Tests;

/// <summary>Two models of drawn images of ten classes, trained once: one read by this library, one by ML.NET's transforms.</summary>
[TestClass]
public static class Models
{
    private static readonly TempFolder Folder = new();

    /// <summary>A small ShuffleNet, quick to load, behind LoadImageFiles; bad images are skipped.</summary>
    public static string Small => Folder.At("small.zip");

    /// <summary>A ResNet-18 behind LoadImages, ResizeImages, ExtractPixels and NormalizeChannels, with a MapValueToKey for the label.</summary>
    public static string Pixels => Folder.At("pixels.zip");

    /// <summary>The small model as an ONNX file: bytes, [N, height, width, channels].</summary>
    public static string SmallOnnx => Onnx(Small);

    /// <summary>The other one from its pixels on: floats, [N, channels, height, width].</summary>
    public static string PixelsOnnx => Onnx(Pixels);

    /// <summary>40 PNG files of 32 x 32 pixels.</summary>
    public static string[] Images { get; private set; } = [];

    [AssemblyInitialize]
    public static void Train(TestContext context)
    {
        Environment.SetEnvironmentVariable("OMP_NUM_THREADS", "1");
        torch.set_num_threads(1);
        var mlContext = new MLContext(seed: 1);
        Cifar10.Generate(Folder.At("batches"), trainingImages: 40, testImages: 40);
        Cifar10.ExportImages(Cifar10.Load(mlContext, Folder.At("batches"), Cifar10Split.Train), Folder.At("train"));
        var images = mlContext.Data.LoadImageFolder(Folder.At("train"));
        Images = [.. images.GetColumn<string>("ImagePath")];

        Save(
            mlContext, images, Small,
            mlContext.Transforms.LoadImageFiles("Features", 32, 32, "ImagePath", new LoadImageFilesOptions { BadImages = BadImagePolicy.Skip })
                .Append(mlContext.MulticlassClassification.Trainers.ShuffleNetV1(Options(new ShuffleNetOptions { WidthMultiplier = 0.25 })))
                .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedClass", "PredictedLabel")));
        Save(
            mlContext, images, Pixels,
            mlContext.Transforms.LoadImages("Photo", null, "ImagePath")
                .Append(mlContext.Transforms.ResizeImages("Photo", 40, 40))
                .Append(mlContext.Transforms.ExtractPixels("Pixels", "Photo"))
                .Append(mlContext.Transforms.NormalizeChannels("Features", "Pixels", ChannelNormalization.Cifar10))
                .Append(mlContext.Transforms.Conversion.MapValueToKey("Label", "ClassName"))
                .Append(mlContext.MulticlassClassification.Trainers.ResNet18(Options(new ResNetOptions { Stem = ResNetStem.ImageNet }))));
    }

    [AssemblyCleanup]
    public static void Remove() => Folder.Dispose();

    /// <summary>The scores that ML.NET itself gives files with a saved model.</summary>
    public static float[][] Scores(string model, params string[] files)
    {
        var mlContext = new MLContext();
        using var loaded = (IDisposable)mlContext.Model.Load(model, out _);
        var rows = mlContext.Data.LoadFromEnumerable(files.Select(file => new Row { ImagePath = file }));
        return [.. ((ITransformer)loaded).Transform(rows).GetColumn<float[]>("Score")];
    }

    /// <summary>The scores that the model of pixels gives a file resized by this library, channels first.</summary>
    public static float[] ScoresFromPixels(string file)
    {
        const int Side = 40;
        var mlContext = new MLContext();
        var rows = mlContext.Data.LoadFromEnumerable([new Row { ImagePath = file }]);
        var bytes = mlContext.Transforms.LoadImageFiles("Bytes", Side, Side, "ImagePath").Fit(rows).Transform(rows).GetColumn<byte[]>("Bytes").Single();
        var pixels = new PixelRow { Pixels = new float[bytes.Length] };
        for (int i = 0; i < bytes.Length; i++)
            pixels.Pixels[i % 3 * Side * Side + i / 3] = bytes[i];
        var schema = SchemaDefinition.Create(typeof(PixelRow));
        schema["Pixels"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 3, Side, Side);
        var view = mlContext.Data.LoadFromEnumerable([pixels], schema);
        using var loaded = (IDisposable)mlContext.Model.Load(Pixels, out _);
        var normalizer = mlContext.Transforms.NormalizeChannels("Features", "Pixels", ChannelNormalization.Cifar10).Fit(view);
        var network = ((IEnumerable<ITransformer>)loaded).OfType<ImageClassificationTransformer>().Single();
        return network.Transform(normalizer.Transform(view)).GetColumn<float[]>("Score").Single();
    }

    private static string Onnx(string model)
    {
        string path = Path.ChangeExtension(model, ".onnx");
        if (!File.Exists(path))
        {
            var mlContext = new MLContext();
            using var loaded = (IDisposable)mlContext.Model.Load(model, out var schema);
            mlContext.Model.SaveOnnx((ITransformer)loaded, schema, path);
        }
        return path;
    }

    private static T Options<T>(T options)
        where T : ImageClassificationOptions
    {
        (options.Epoch, options.BatchSize, options.Seed) = (1, 20, 1);
        (options.Device, options.Precision, options.BadImages) = (ComputeDevice.Cpu, ComputePrecision.Float32, BadImagePolicy.Skip);
        return options;
    }

    private static void Save<T>(MLContext mlContext, IDataView images, string path, IEstimator<T> pipeline)
        where T : class, ITransformer
    {
        using var model = (IDisposable)pipeline.Fit(images);
        mlContext.Model.Save((ITransformer)model, images.Schema, path);
    }

    private sealed class PixelRow
    {
        public float[] Pixels { get; set; } = [];
    }

    private sealed class Row
    {
        public string ImagePath { get; set; } = "";

        public string ClassName { get; set; } = "";
    }
}
