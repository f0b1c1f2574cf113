using Microsoft.ML;

namespace Cifar10Loader;

/// <summary>Photos listed in a text file of paths and labels as a data view.</summary>
public static class ImageManifest
{
    private static readonly string[] PathHeaders =
        ["ImagePath", "image_path", "image", "path", "file", "filename", "file_name", "filepath"];

    private static readonly string[] LabelHeaders =
        ["Label", "label_name", "class", "class_name", "classname", "category", "target"];

    /// <summary>
    /// Reads a list of images: one line each, UTF-8, values separated by tabs or commas (whichever the first line has),
    /// quoted where they contain the separator. A first line that names a path and a label column (ImagePath, path,
    /// image, file, filename...; Label, class, category, target..., in upper or lower case) is a header and may name
    /// further columns, which are passed over; without a header each line is a path and a label. Every file must be
    /// there; the images themselves are opened only by what reads the paths, such as LoadImages.
    /// </summary>
    /// <param name="mlContext">Receives a log line with the number of images and classes.</param>
    /// <param name="path">The text file.</param>
    /// <param name="imageFolder">The folder that relative paths start from; default: the text file's own.</param>
    /// <param name="classNames">
    /// The classes in label order; default: the labels in ordinal order. Give those of the training images
    /// (<see cref="ClassLabels.GetClassNames"/>) where a second list might lack a class, so that labels keep their meaning.
    /// </param>
    /// <returns>
    /// Columns <c>Label</c> (key of UInt32 with the class names as KeyValues), <c>ClassName</c> (text) and
    /// <c>ImagePath</c> (text, absolute), in the order of the lines.
    /// </returns>
    /// <exception cref="FileNotFoundException">There is no such text file.</exception>
    /// <exception cref="InvalidDataException">
    /// The text is not UTF-8 or lists no images; or lines are malformed, name missing or empty files, or a file twice; or
    /// classes differ only in case. Everything found is listed with its line.
    /// </exception>
    /// <exception cref="IOException">The text file cannot be read.</exception>
    public static IDataView Load(
        MLContext mlContext, string path, string? imageFolder = null, IReadOnlyList<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"The manifest '{path}' does not exist.", path);

        string root = Path.GetFullPath(imageFolder ?? Path.GetDirectoryName(Path.GetFullPath(path))!);
        var problems = new ProblemList(path);
        List<(string Path, string Class)> images = ReadImages(path, root, problems, out bool firstLineIsMissing);
        if (images.Count == 0)
            problems.Add("no images listed; expected lines of a path and a label");
        string[] classes = ImageList.ClassNames(classNames, images.Select(image => image.Class), problems);
        problems.ThrowIfAny(firstLineIsMissing
            ? "If line 1 is a header, call its columns ImagePath and Label."
            : $"Relative paths start from '{root}'.");

        Cifar10.Log(mlContext, $"{images.Count:N0} images of {classes.Length} classes in '{path}'.");
        return ImageList.Create(root, images, classes);
    }

    private static List<(string Path, string Class)> ReadImages(
        string manifest, string root, ProblemList problems, out bool firstLineIsMissing)
    {
        var images = new List<(string, string)>();
        var lineOfPath = new Dictionary<string, int>();
        (int pathColumn, int labelColumn, bool hasHeader) = (0, 1, false);
        firstLineIsMissing = false;

        foreach ((int line, List<string> values) in SeparatedLines.Read(manifest, problems))
        {
            if (line == 1 && FindHeader(values) is var (pathHeader, labelHeader))
            {
                (pathColumn, labelColumn, hasHeader) = (pathHeader, labelHeader, true);
                continue;
            }

            if (hasHeader ? values.Count <= Math.Max(pathColumn, labelColumn) : values.Count != 2)
            {
                problems.Add($"line {line}: {values.Count} value{(values.Count == 1 ? "" : "s")}; expected a path and a label");
                continue;
            }

            string file = values[pathColumn];
            string label = values[labelColumn];
            if (file == "" || label == "")
            {
                problems.Add($"line {line}: the {(file == "" ? "path" : "label")} is empty");
                continue;
            }

            string fullPath = Path.GetFullPath(Path.Combine(root, file));
            if (!lineOfPath.TryAdd(fullPath, line))
            {
                problems.Add($"line {line}: '{file}' is listed twice, first in line {lineOfPath[fullPath]}");
                continue;
            }

            problems.CheckFile($"line {line}: '{file}': ", fullPath);
            firstLineIsMissing |= line == 1 && !File.Exists(fullPath);
            images.Add((fullPath, label));
        }

        return images;
    }

    private static (int Path, int Label)? FindHeader(List<string> values)
    {
        int path = values.FindIndex(value => PathHeaders.Contains(value, StringComparer.OrdinalIgnoreCase));
        int label = values.FindIndex(value => LabelHeaders.Contains(value, StringComparer.OrdinalIgnoreCase));
        return path >= 0 && label >= 0 ? (path, label) : null;
    }
}
