using Microsoft.ML;
using Microsoft.ML.Data;
using MlNet.ImageClassification;

namespace ImageScoring;

/// <summary>
/// A saved model that classifies image files in memory, whatever it read its images from when it was trained. Reading is done by
/// any number of threads at once; scoring takes many images in one forward pass.
/// </summary>
public abstract class ImageModel : IDisposable
{
    /// <summary>The names of the classes, in the order of the scores.</summary>
    public abstract IReadOnlyList<string> ClassNames { get; }

    /// <summary>The network in words, for instance <c>resnet50 v1.5 stem=imagenet</c>.</summary>
    public abstract string Architecture { get; }

    /// <summary>The size the network sees images in, for instance <c>224 x 224</c>.</summary>
    public abstract string ImageSize { get; }

    /// <summary>Reads a file that <c>mlContext.Model.Save</c> or <c>SaveOnnx</c> wrote.</summary>
    /// <param name="path">The file; one whose name ends with .onnx is read by ONNX Runtime.</param>
    /// <param name="maximumPixels">The most pixels that an image may have; its header is looked at before it is decoded.</param>
    /// <exception cref="InvalidDataException">The file holds no such model, or one that reads no images; the message says why.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ImageModel Load(string path, long maximumPixels) =>
        Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase) ? OnnxFile.Load(path, maximumPixels) : SavedPipeline.Load(path, maximumPixels);

    /// <summary>Decodes and resizes an image as the model's own pipeline does.</summary>
    /// <param name="file">The content of an image file.</param>
    /// <exception cref="InvalidDataException">It is no image that can be used; the message is a sentence that says why.</exception>
    public abstract ReadyImage Read(byte[] file);

    /// <summary>The probability of each class, in one forward pass.</summary>
    /// <param name="images">Images that this model read.</param>
    /// <returns>For each image as many scores as there are classes.</returns>
    public abstract float[][] Score(IReadOnlyList<ReadyImage> images);

    /// <summary>Shows where in images the model sees the class that it predicts for them: Grad-CAM as PNG files, in the size the network sees.</summary>
    /// <param name="images">Images that this model read.</param>
    /// <returns>The content of a file for each image.</returns>
    /// <exception cref="NotSupportedException">This kind of model cannot; the message is a sentence that says why.</exception>
    public abstract byte[][] Explain(IReadOnlyList<ReadyImage> images);

    public abstract void Dispose();
}

/// <summary>An image as the network wants it.</summary>
public abstract class ReadyImage;

/// <summary>The most probable classes of an image.</summary>
public readonly record struct Guess(string Label, float Score)
{
    /// <summary>The best classes first, classes of the same score in the model's order.</summary>
    public static Guess[] Best(IReadOnlyList<string> classNames, float[] scores, int count) =>
        [.. scores.Select((score, index) => new Guess(classNames[index], score)).OrderByDescending(guess => guess.Score).Take(count)];
}
