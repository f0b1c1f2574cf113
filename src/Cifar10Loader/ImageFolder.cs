using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Cifar10Loader;

/// <summary>Photos in class folders (directory/class/.../photo.jpg) as a data view.</summary>
public static class ImageFolder
{
    private static readonly HashSet<string> SplitNames = new(
        ["train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval"], StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Lists the images of a directory. Each sub-folder is a class; images may lie in folders of any depth inside it.
    /// Files are images by extension, in upper or lower case: .jpg, .jpeg, .jpe, .jfif, .png, .bmp, .gif, .webp, .ico and
    /// .wbmp. Other files, hidden ones (names that begin with a dot) and those of operating systems (Thumbs.db, @eaDir,
    /// __MACOSX, ...) are left out. Empty files are kept, for the trainer to decide about. The images themselves are
    /// opened only by what reads the paths, such as LoadImages.
    /// </summary>
    /// <param name="mlContext">
    /// Receives a log line with the number of images and classes, and a warning for each kind of file that is left out or
    /// empty, with their number and the first names.
    /// </param>
    /// <param name="directory">The directory with the class folders.</param>
    /// <param name="classNames">
    /// The classes in label order; default: the folders' names in ordinal order. Give those of the training images
    /// (<see cref="ClassLabels.GetClassNames"/>) where a second directory might lack a class, so that labels keep their
    /// meaning; a class without a folder or without images then has no rows.
    /// </param>
    /// <param name="filter">
    /// Which images to take, by their path relative to <paramref name="directory"/> with '/' between folders; for
    /// instance <c>path => !path.Contains("/masks/")</c>. Default: all.
    /// </param>
    /// <returns>
    /// Columns <c>Label</c> (key of UInt32 with the class names as KeyValues), <c>ClassName</c> (text) and
    /// <c>ImagePath</c> (text, absolute), ordered by class and path. About 100 bytes of memory an image.
    /// </returns>
    /// <exception cref="ArgumentException">A class name is null, empty or there twice.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="InvalidDataException">
    /// The folders are splits (train, test, ...) and not classes; or there are no images, a folder without images that
    /// <paramref name="classNames"/> does not explain, images outside the class folders, dead links, classes that differ
    /// only in case, or names that are not UTF-8: their number and the first are told.
    /// </exception>
    /// <exception cref="IOException">A folder cannot be read.</exception>
    public static IDataView Load(
        MLContext mlContext, string directory, IReadOnlyList<string>? classNames = null, Func<string, bool>? filter = null)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return Open(mlContext, directory, classNames, filter);
    }

    internal static IDataView Open(
        IHostEnvironment environment, string directory, IReadOnlyList<string>? classNames, Func<string, bool>? filter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        ImageList.CheckNames(classNames);
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException($"The directory '{directory}' does not exist.");

        using var log = new LoaderLog(environment);
        string root = Path.GetFullPath(directory);
        var remarks = new Remarks(directory);
        var problems = new ProblemList(directory);
        var folders = new ClassFolders(root, filter, remarks, problems);
        RefuseSplits(directory, folders.Images, classNames);

        if (folders.Images.Count == 0)
        {
            problems.Add(
                $"no images; expected folders, one for each class, with images ({string.Join(", ", ImageFiles.Extensions)}) in them");
        }

        foreach (string name in folders.Empty)
        {
            if (classNames is null)
                problems.Add($"{name}: no image in this class folder; delete it, or name the classes by classNames");
            else if (!classNames.Contains(name))
                remarks.Add("folders without an image left out", name);
        }

        if (folders.InnerFolder is { } inner && classNames is null)
        {
            log.Warning(
                $"'{directory}': all images are of the one class '{inner}', none in that folder itself; if its sub-folders are the " +
                $"classes, load '{Path.Combine(directory, inner)}'.");
        }

        return ImageList.Create(directory, root, folders.Images, classNames, remarks, problems, "", log);
    }

    private static void RefuseSplits(
        string directory, List<(string Path, string Class)> images, IReadOnlyList<string>? classNames)
    {
        string[] found = [.. images.Select(image => image.Class).Distinct()];
        if (found.Length == 0 || !found.All(SplitNames.Contains) || found.Any(name => classNames?.Contains(name) == true))
            return;
        string training = found.FirstOrDefault(name => name.StartsWith("train", StringComparison.OrdinalIgnoreCase), found[0]);
        throw new InvalidDataException(
            $"'{directory}' holds the split{(found.Length == 1 ? "" : "s")} {string.Join(", ", found)}, not class folders. " +
            $"Load '{Path.Combine(directory, training)}', and each other split by a call of its own with the class names of " +
            "the first. If these are the classes, give them as classNames.");
    }
}
