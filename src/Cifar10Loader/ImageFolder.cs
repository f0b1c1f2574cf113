using Microsoft.ML;

namespace Cifar10Loader;

/// <summary>Photos in class folders (directory/class/.../photo.jpg) as a data view.</summary>
public static class ImageFolder
{
    private static readonly HashSet<string> Extensions =
        new([".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp"], StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Lists the images of a directory. Each sub-folder is a class; images may lie in folders of any depth inside it.
    /// Files are images by extension (.jpg, .jpeg, .jpe, .jfif, .png, .bmp, in upper or lower case); other files, and
    /// hidden files and folders (names that begin with a dot), are passed over. The images themselves are opened only by
    /// what reads the paths, such as LoadImages.
    /// </summary>
    /// <param name="mlContext">Receives a log line with the number of images and classes.</param>
    /// <param name="directory">The directory with the class folders.</param>
    /// <param name="classNames">
    /// The classes in label order; default: the folders' names in ordinal order. Give those of the training images
    /// (<see cref="ClassLabels.GetClassNames"/>) where a second directory might lack a class, so that labels keep their meaning.
    /// </param>
    /// <returns>
    /// Columns <c>Label</c> (key of UInt32 with the class names as KeyValues), <c>ClassName</c> (text) and
    /// <c>ImagePath</c> (text, absolute), ordered by class and path. About 100 bytes of memory an image.
    /// </returns>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="InvalidDataException">
    /// There are no images, a class without images, images outside the class folders, empty files or dead links, classes
    /// that differ only in case, or names that are not UTF-8; everything found is listed.
    /// </exception>
    /// <exception cref="IOException">A folder cannot be read.</exception>
    public static IDataView Load(MLContext mlContext, string directory, IReadOnlyList<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException($"The directory '{directory}' does not exist.");

        string root = Path.GetFullPath(directory);
        var problems = new ProblemList(directory);
        var images = new List<(string Path, string Class)>();
        foreach (string path in Visible(root, Directory.GetFiles).Where(IsImage))
            problems.Add($"{Path.GetFileName(path)}: an image outside the class folders; move it into one");
        foreach (string folder in Visible(root, Directory.GetDirectories))
        {
            string name = Path.GetFileName(folder);
            int before = images.Count;
            Collect(folder, path => images.Add((Path.GetRelativePath(root, path), name)), problems, root);
            if (images.Count == before)
                problems.Add($"{name}: no image in this class folder (of {string.Join(", ", Extensions)})");
        }

        if (images.Count == 0)
            problems.Add($"no images; expected folders, one for each class, with images ({string.Join(", ", Extensions)}) in them");
        string[] classes = ImageList.ClassNames(classNames, images.Select(image => image.Class), problems);
        problems.ThrowIfAny();

        Cifar10.Log(mlContext, $"{images.Count:N0} images of {classes.Length} classes in '{directory}'.");
        return ImageList.Create(root, images, classes);
    }

    private static bool IsImage(string path) => Extensions.Contains(Path.GetExtension(path));

    private static void Collect(string folder, Action<string> add, ProblemList problems, string root)
    {
        if (LinksToItsParent(folder))
        {
            problems.Add($"{Path.GetRelativePath(root, folder)}: a link to a folder that contains it; delete the link");
            return;
        }

        foreach (string path in Visible(folder, Directory.GetFiles).Where(IsImage))
        {
            problems.CheckFile($"{Path.GetRelativePath(root, path)}: ", path);
            add(path);
        }

        foreach (string inner in Visible(folder, Directory.GetDirectories))
            Collect(inner, add, problems, root);
    }

    private static bool LinksToItsParent(string folder)
    {
        string? target = new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        return target is not null
            && (folder + Path.DirectorySeparatorChar).StartsWith(target + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    /// <summary>Entries that are not hidden, in ordinal order: the same on every machine.</summary>
    private static IEnumerable<string> Visible(string folder, Func<string, string[]> list)
    {
        try
        {
            return list(folder).Where(path => Path.GetFileName(path)[0] != '.').Order(StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The folder '{folder}' cannot be read: {e.Message}", e);
        }
    }
}
