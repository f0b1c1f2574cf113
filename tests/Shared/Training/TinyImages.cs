using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification;

namespace MlNetCnn.Tests;

/// <summary>Generated images of three classes: mostly red, mostly green, mostly blue, with noise.</summary>
public static class TinyImages
{
    public const int Side = 8;
    public const int Size = 3 * Side * Side;

    public static readonly string[] Names = ["red", "green", "blue"];

    /// <summary>One image, planar, in bytes.</summary>
    public static byte[] Image(int index)
    {
        var random = new Random(index);
        var pixels = new byte[Size];
        for (int i = 0; i < Size; i++)
            pixels[i] = (byte)(random.Next(100) + (i / (Side * Side) == index % 3 ? 120 : 0));
        return pixels;
    }

    public static string Label(int index) => Names[index % 3];

    /// <summary>The same pixels with the channels of each next to each other.</summary>
    public static T[] Interleaved<T>(T[] planar)
    {
        var result = new T[planar.Length];
        for (int channel = 0; channel < 3; channel++)
            for (int i = 0; i < Side * Side; i++)
                result[3 * i + channel] = planar[channel * Side * Side + i];
        return result;
    }

    public static MLImage ToMLImage(byte[] planar)
    {
        var rgba = new byte[4 * Side * Side];
        for (int i = 0; i < Side * Side; i++)
            (rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2], rgba[4 * i + 3]) =
                (planar[i], planar[Side * Side + i], planar[2 * Side * Side + i], 255);
        return MLImage.CreateFromPixels(Side, Side, MLPixelFormat.Rgba32, rgba);
    }

    /// <summary>Writes an image as a PNG file.</summary>
    internal static string WriteImage(TempFolder folder, int index)
    {
        string path = folder.At($"{index}.png");
        using var image = ToMLImage(Image(index));
        image.Save(path);
        return path;
    }

    /// <summary>Float features in [-1, 1], planar; the label counts from 0 here and from 1 as a key.</summary>
    public static FloatImage[] Floats(int count, int first = 0) => [.. Enumerable.Range(first, count).Select(i => new FloatImage
    {
        Id = i,
        Label = (uint)(i % 3),
        ClassName = Label(i),
        Features = Array.ConvertAll(Image(i), b => b / 127.5f - 1),
    })];

    public static IDataView Keyed(this MLContext ml, IEnumerable<FloatImage> images) => ml.Data.LoadFromEnumerable(images);

    /// <summary>What a model predicts of images that no training has seen.</summary>
    public static Prediction[] Predict(this MLContext ml, ITransformer model, int count, int first = 1000) =>
        [.. ml.Data.CreateEnumerable<Prediction>(model.Transform(ml.Keyed(Floats(count, first))), reuseRowObject: false)];

    /// <summary>The options of a quick training that tells the classes apart.</summary>
    public static ImageClassificationOptions Options() => Options<ImageClassificationOptions>(epochs: 4, batchSize: 16, learningRate: 0.2);

    public static T Options<T>(int epochs, int batchSize, double learningRate)
        where T : ImageClassificationOptions, new() => new()
        {
            Epoch = epochs,
            BatchSize = batchSize,
            LearningRate = learningRate,
            Recipe = new TrainingRecipe { Augmentation = new AugmentationOptions { CropPadding = 0 } },
            Seed = 1,
            Precision = ComputePrecision.Float32,
            Device = TestDevice.Chosen,
        };
}

public sealed class FloatImage
{
    public float Id { get; set; }

    [KeyType(3)]
    public uint Label { get; set; }

    public string ClassName { get; set; } = "";

    [VectorType(3, TinyImages.Side, TinyImages.Side)]
    public float[] Features { get; set; } = [];
}

public sealed class Prediction
{
    public float Id { get; set; }

    [ColumnName("Score")]
    public float[] Scores { get; set; } = [];

    public uint PredictedLabel { get; set; }

    public bool IsRight() => PredictedLabel == (uint)Id % 3 + 1;
}
