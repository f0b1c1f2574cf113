using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Cifar10Loader;

/// <summary>Photos listed in a text file of paths and labels as a data view.</summary>
public static class ImageManifest
{
    /// <summary>
    /// Reads a list of images: one line each, UTF-8, values separated by tabs, commas or semicolons (whichever the first
    /// line has), quoted where they contain the separator. A first line that names a path and a label column (ImagePath,
    /// path, image, file, filename, ...; Label, class, category, target, ..., in upper or lower case, singular or plural)
    /// is a header and may name further columns, which are passed over; without a header each line is a path and a label.
    /// Files of formats that LoadImages cannot decode (see <see cref="ImageFolder.Load"/>) are left out; empty ones are
    /// kept, for the trainer to decide about. The images themselves are opened only by what reads the paths, such as
    /// LoadImages.
    /// </summary>
    /// <param name="mlContext">
    /// Receives a log line with the number of images and classes, and a warning for each kind of file that is left out or
    /// empty, with their number and the first names.
    /// </param>
    /// <param name="path">The text file.</param>
    /// <param name="imageFolder">
    /// The folder that relative paths start from; default: the text file's own. A '\' in a path separates folders too.
    /// </param>
    /// <param name="classNames">
    /// The classes in label order; default: the labels in ordinal order. Give those of the training images
    /// (<see cref="ClassLabels.GetClassNames"/>) where a second list might lack a class, so that labels keep their meaning.
    /// </param>
    /// <param name="pathColumn">The path column's name in the first line, where it is not a usual one.</param>
    /// <param name="labelColumn">The label column's name in the first line, where it is not a usual one.</param>
    /// <param name="pathSuffix">What to append to paths that do not end in it, such as ".jpg" where the file lists bare ids.</param>
    /// <param name="allowRepeats">
    /// True: a file may be listed several times with the same label, as many rows, for instance to show a rare class more
    /// often. Split before repeating: a split does not know that such rows are one image.
    /// </param>
    /// <param name="skipMissing">True: files that are not there are left out with a warning.</param>
    /// <returns>
    /// Columns <c>Label</c> (key of UInt32 with the class names as KeyValues), <c>ClassName</c> (text) and
    /// <c>ImagePath</c> (text, absolute), in the order of the lines.
    /// </returns>
    /// <exception cref="ArgumentException">A class name is null, empty or there twice.</exception>
    /// <exception cref="FileNotFoundException">There is no such text file.</exception>
    /// <exception cref="InvalidDataException">
    /// The text is not UTF-8, its columns cannot be told, or it lists no images; or lines are malformed, name missing
    /// files, or a file twice; or classes differ only in case: the number and the first are told with their line.
    /// </exception>
    /// <exception cref="IOException">The text file cannot be read.</exception>
    public static IDataView Load(
        MLContext mlContext,
        string path,
        string? imageFolder = null,
        IReadOnlyList<string>? classNames = null,
        string? pathColumn = null,
        string? labelColumn = null,
        string pathSuffix = "",
        bool allowRepeats = false,
        bool skipMissing = false)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return Open(
            mlContext, path, imageFolder, classNames, pathColumn, labelColumn, pathSuffix, allowRepeats, skipMissing);
    }

    internal static IDataView Open(
        IHostEnvironment environment,
        string path,
        string? imageFolder,
        IReadOnlyList<string>? classNames,
        string? pathColumn,
        string? labelColumn,
        string pathSuffix,
        bool allowRepeats,
        bool skipMissing)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(pathSuffix);
        ImageList.CheckNames(classNames);
        if (!File.Exists(path))
            throw new FileNotFoundException($"The manifest '{path}' does not exist.", path);

        using var log = new LoaderLog(environment);
        string root = Path.GetFullPath(imageFolder ?? Path.GetDirectoryName(Path.GetFullPath(path))!);
        var remarks = new Remarks(path);
        var problems = new ProblemList(path);
        var rows = new ManifestRows(root, pathSuffix, allowRepeats, skipMissing, remarks, problems);
        ManifestColumns? columns = null;
        foreach ((int line, string[] values) in ManifestLines.Read(path, problems))
        {
            bool isFirst = columns is null;
            columns ??= ManifestColumns.Find(path, line, values, pathColumn, labelColumn);
            if (!isFirst || !columns.HasHeader)
                rows.Add(line, values, columns);
        }

        if (rows.Images.Count == 0)
            problems.Add("no images listed; expected lines of a path and a label");
        return ImageList.Create(path, root, rows.Images, classNames, remarks, problems, rows.Advice, log);
    }
}
