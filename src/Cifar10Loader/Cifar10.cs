using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Cifar10Loader;

/// <summary>
/// CIFAR-10: 60,000 photos of 32x32 pixels in ten classes (A. Krizhevsky, "Learning Multiple Layers of Features from
/// Tiny Images", 2009). Loads and downloads it, turns it into image files and image files into it, and draws images in their
/// place where the real ones cannot be had.
/// </summary>
public static partial class Cifar10
{
    /// <summary>
    /// Opens one split of CIFAR-10. Rows are read from the memory-mapped files when a cursor asks for them, in file
    /// order or completely shuffled, by one cursor or several. Replace the files only by renaming new ones over them, not
    /// by writing into them, while the data is in use.
    /// </summary>
    /// <param name="mlContext">Receives a log line with the number of images.</param>
    /// <param name="directory">
    /// The unpacked archive, binary version (data_batch_1.bin to data_batch_5.bin, test_batch.bin, batches.meta.txt) or
    /// python version (data_batch_1 to data_batch_5, test_batch, batches.meta), or the directory in which its folder
    /// cifar-10-batches-bin or cifar-10-batches-py lies. Where both are there, the binary version is taken.
    /// </param>
    /// <param name="split">Training or test images.</param>
    /// <returns>
    /// Columns <c>Label</c> (key of UInt32 with the class names as KeyValues: ten for CIFAR-10, in general one for each
    /// line of batches.meta.txt), <c>Image</c> (<see cref="Microsoft.ML.Data.MLImage"/>, 32x32, a new one each time) and
    /// <c>Pixels</c> (vector of Byte, [3, 32, 32]: red, green and blue plane, 0 to 255).
    /// </returns>
    /// <exception cref="DirectoryNotFoundException"><paramref name="directory"/> is no directory.</exception>
    /// <exception cref="FileNotFoundException">A file of the split is missing, or it is another data set.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is truncated or damaged, or a pickle asks for anything but plain data. A label without a class name is
    /// found when its row is read.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IDataView Load(MLContext mlContext, string directory, Cifar10Split split)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return Open(mlContext, directory, split);
    }

    internal static IDataView Open(IHostEnvironment environment, string directory, Cifar10Split split)
    {
        ImageSet images = ImageSetFiles.OpenCifar10(directory, split);
        using var log = new LoaderLog(environment);
        log.Info($"CIFAR-10, {split}: {images.Count:N0} images from '{directory}'.");
        return ImageSetView.Create(images, ("Label", 0));
    }
}
