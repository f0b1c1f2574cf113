using System.Drawing;
using Microsoft.ML.Transforms.Image;

namespace MlNet.ImageClassification;

/// <summary>What <c>LoadImageFiles</c> can be told besides the size of the images.</summary>
/// <remarks>The estimator takes a copy of the options and checks it when it is made.</remarks>
public sealed class LoadImageFilesOptions
{
    // Where Pillow, too, refuses an image as an attempt to fill the memory.
    private const long DefaultMaximumPixels = 178_956_970;

    /// <summary>The folder that paths are relative to. A path that is absolute stays as it is.</summary>
    /// <value>The default value is <see langword="null"/>: the current folder of the process.</value>
    public string? ImageFolder { get; set; }

    /// <summary>
    /// What is done with an image of another aspect ratio: the middle is cut out (IsoCrop), the image is shown whole with
    /// <see cref="PaddingColor"/> beside it (IsoPad), or it is distorted (Fill).
    /// </summary>
    /// <value>The default value is <see cref="ImageResizingEstimator.ResizingKind.IsoCrop"/>, as in ResizeImages.</value>
    public ImageResizingEstimator.ResizingKind Resizing { get; set; } = ImageResizingEstimator.ResizingKind.IsoCrop;

    /// <summary>The filter that enlarges and reduces. Both count every pixel of what they reduce.</summary>
    /// <value>The default value is <see cref="ImageInterpolation.Bilinear"/>.</value>
    public ImageInterpolation Interpolation { get; set; } = ImageInterpolation.Bilinear;

    /// <summary>What transparent pixels show. Its alpha is not used.</summary>
    /// <value>The default value is white.</value>
    public Color Background { get; set; } = Color.White;

    /// <summary>What lies beside an image that is resized by IsoPad. Its alpha is not used.</summary>
    /// <value>The default value is black, as in ResizeImages.</value>
    public Color PaddingColor { get; set; } = Color.Black;

    /// <summary>
    /// Makes floats, 0 to 255, instead of bytes. The trainers of this library take both; bytes need a quarter of the memory, and
    /// are normalized by the trainer.
    /// </summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool OutputAsFloats { get; set; }

    /// <summary>
    /// What is done with a row without a usable image. <see cref="BadImagePolicy.Fail"/>: reading the row throws an
    /// <see cref="InvalidDataException"/> that names the file and the reason. <see cref="BadImagePolicy.Skip"/>: its vector is
    /// empty (of length 0), and at the end of the rows a warning names the first such files and their number.
    /// </summary>
    /// <value>The default value is <see cref="BadImagePolicy.Fail"/>.</value>
    public BadImagePolicy BadImages { get; set; } = BadImagePolicy.Fail;

    /// <summary>An image of more pixels, as its header says, is a bad image; no memory is taken for it. At least 1.</summary>
    /// <value>The default value is 178,956,970, about 700 MB when decoded.</value>
    public long MaximumPixels { get; set; } = DefaultMaximumPixels;

    internal LoadImageFilesOptions Copy() => (LoadImageFilesOptions)MemberwiseClone();

    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    internal void Validate()
    {
        Require(Enum.IsDefined(Resizing), nameof(Resizing), Resizing, Names<ImageResizingEstimator.ResizingKind>());
        Require(Enum.IsDefined(Interpolation), nameof(Interpolation), Interpolation, Names<ImageInterpolation>());
        Require(Enum.IsDefined(BadImages), nameof(BadImages), BadImages, Names<BadImagePolicy>());
        Require(MaximumPixels >= 1, nameof(MaximumPixels), MaximumPixels, "it must be at least 1");
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write(ImageFolder ?? "");
        writer.Write((int)Resizing);
        writer.Write(Background.ToArgb());
        writer.Write(PaddingColor.ToArgb());
        writer.Write(OutputAsFloats);
        writer.Write((int)BadImages);
        writer.Write(MaximumPixels);
        writer.Write((int)Interpolation);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static LoadImageFilesOptions Read(BinaryReader reader) => new()
    {
        ImageFolder = reader.ReadString(),
        Resizing = (ImageResizingEstimator.ResizingKind)reader.ReadInt32(),
        Background = Color.FromArgb(reader.ReadInt32()),
        PaddingColor = Color.FromArgb(reader.ReadInt32()),
        OutputAsFloats = reader.ReadBoolean(),
        BadImages = (BadImagePolicy)reader.ReadInt32(),
        MaximumPixels = reader.ReadInt64(),
        // Files from before there was a choice end here.
        Interpolation = reader.BaseStream.Position < reader.BaseStream.Length ? (ImageInterpolation)reader.ReadInt32() : ImageInterpolation.Bilinear,
    };

    private static string Names<T>() where T : struct, Enum => $"it must be one of {string.Join(", ", Enum.GetNames<T>())}";

    private static void Require(bool holds, string name, object value, string rule)
    {
        if (!holds)
            throw new ArgumentException($"{name} is {value}; {rule}.", name);
    }
}
