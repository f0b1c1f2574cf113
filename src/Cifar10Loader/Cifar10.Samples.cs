using Microsoft.ML;

namespace Cifar10Loader;

public static partial class Cifar10
{
    /// <summary>
    /// Draws a contact sheet: for each class its name and its first images. One file, nothing else needed to show it.
    /// </summary>
    /// <param name="data">Rows with Label (key with class names) and Pixels, Image or ImagePath.</param>
    /// <param name="path">The .png file to write. An existing file is replaced.</param>
    /// <param name="imagesPerClass">At most so many images of each class, 1 to 100.</param>
    /// <exception cref="ArgumentException">
    /// A column is missing, the path does not end in .png, or the picture would have more than 100 million pixels.
    /// </exception>
    /// <exception cref="InvalidOperationException">The machine has no font to write the class names with.</exception>
    /// <exception cref="InvalidDataException">A label is missing or an image cannot be decoded.</exception>
    /// <exception cref="IOException">The picture cannot be written.</exception>
    public static void ShowSamples(IDataView data, string path, int imagesPerClass = 12)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(imagesPerClass, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(imagesPerClass, 100);
        string extension = Path.GetExtension(path).ToLowerInvariant();
        if (extension != ".png")
            throw new ArgumentException($"'{path}' ends in '{extension}'; a contact sheet is a .png file.", nameof(path));

        byte[] png = ContactSheet.Draw(data, imagesPerClass);
        string unfinished = path + ".unfinished";
        File.WriteAllBytes(unfinished, png);
        File.Move(unfinished, path, overwrite: true);
    }
}
