using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Cifar10Loader;

/// <summary>CIFAR-100: 60,000 photos of 32x32 pixels in 100 fine classes, grouped in 20 coarse ones.</summary>
public static class Cifar100
{
    /// <summary>Opens one split of CIFAR-100; see <see cref="Cifar10.Load"/> for how rows are read.</summary>
    /// <param name="mlContext">Receives a log line with the number of images.</param>
    /// <param name="directory">
    /// The unpacked archive, binary version (train.bin, test.bin, fine_label_names.txt, coarse_label_names.txt) or python
    /// version (train, test, meta), or the directory in which its folder cifar-100-binary or cifar-100-python lies.
    /// </param>
    /// <param name="split">Training or test images.</param>
    /// <returns>
    /// Columns <c>Label</c> (key of UInt32, 100 fine classes), <c>CoarseLabel</c> (key of UInt32, 20 coarse classes), both
    /// with their names as KeyValues, <c>Image</c> and <c>Pixels</c> as in <see cref="Cifar10.Load"/>.
    /// </returns>
    /// <exception cref="DirectoryNotFoundException"><paramref name="directory"/> is no directory.</exception>
    /// <exception cref="FileNotFoundException">A file of the split is missing, or it is another data set.</exception>
    /// <exception cref="InvalidDataException">A file is truncated or damaged, or a pickle asks for anything but plain data.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IDataView Load(MLContext mlContext, string directory, Cifar10Split split)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return Open(mlContext, directory, split);
    }

    internal static IDataView Open(IHostEnvironment environment, string directory, Cifar10Split split)
    {
        ImageSet images = ImageSetFiles.OpenCifar100(directory, split);
        using var log = new LoaderLog(environment);
        log.Info($"CIFAR-100, {split}: {images.Count:N0} images from '{directory}'.");
        return ImageSetView.Create(images, ("Label", 1), ("CoarseLabel", 0));
    }
}
