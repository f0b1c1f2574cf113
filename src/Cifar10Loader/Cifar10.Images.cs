using Microsoft.ML;

namespace Cifar10Loader;

public static partial class Cifar10
{
    private const string ManifestFile = "images.tsv";

    /// <summary>
    /// Writes every row as a PNG file, <c>class name/row number.png</c>, and a manifest <c>images.tsv</c> with the columns
    /// ImagePath (relative) and Label in the order of the rows: input for <see cref="ImageFolder"/>,
    /// <see cref="ImageManifest"/> and LoadImages.
    /// </summary>
    /// <param name="data">Rows with Label (key with class names) and Pixels, Image or ImagePath, such as from <see cref="Load"/>.</param>
    /// <param name="directory">A directory that does not exist yet or is empty. It appears when all files are written.</param>
    /// <param name="cancellationToken">Stops the export; nothing is left behind.</param>
    /// <returns>The path of the manifest.</returns>
    /// <exception cref="ArgumentException">A column is missing, or a class name cannot be a folder name.</exception>
    /// <exception cref="InvalidDataException">A label is missing or an image cannot be decoded.</exception>
    /// <exception cref="IOException">The directory is not empty or cannot be written.</exception>
    public static string ExportImages(IDataView data, string directory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new IOException($"'{directory}' exists and is not an empty directory. Choose another one.");

        using var rows = new LabeledImageReader(data);
        foreach (string name in rows.ClassNames)
            CheckFolderName(name);

        string unfinished = $"{target}.unfinished-{Environment.ProcessId}";
        try
        {
            WriteImages(rows, unfinished, cancellationToken);
            if (Directory.Exists(target))
                Directory.Delete(target);
            Directory.Move(unfinished, target);
        }
        finally
        {
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
        }

        return Path.Combine(directory, ManifestFile);
    }

    /// <summary>
    /// Writes one split of CIFAR-10 binary batches from images of any size: each is cropped to its centered square and
    /// scaled to 32x32 by area averaging; images of 32x32 keep every pixel. The order of the rows is kept. The classes,
    /// 1 to 256, are those of the label and are written to batches.meta.txt.
    /// </summary>
    /// <param name="data">
    /// Rows with Label (key with class names) and Pixels, Image or ImagePath, such as from <see cref="ImageFolder.Load"/>
    /// or <see cref="ImageManifest.Load"/>.
    /// </param>
    /// <param name="directory">Where the batches are written; created if need be. It may hold the other split already.</param>
    /// <param name="split">Which split to write: five files for training, one for test.</param>
    /// <param name="cancellationToken">Stops the writing; no batch is left behind.</param>
    /// <exception cref="ArgumentException">A column is missing.</exception>
    /// <exception cref="InvalidDataException">A label is missing, or an image cannot be decoded; the message names it.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are fewer images than files, or the directory's other split has other classes.
    /// </exception>
    /// <exception cref="IOException">The directory holds the split already or cannot be written.</exception>
    public static void FromImages(
        IDataView data, string directory, Cifar10Split split, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        using var rows = new LabeledImageReader(data);
        using var batches = new BatchWriter(directory, split, rows.ClassNames, CountRows(data));
        var planes = new byte[CifarFormat.PixelBytes];
        while (rows.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows.ReadImage().CropAndResize(CifarFormat.Side, CifarFormat.Side).CopyPlanesTo(planes);
            batches.Add(rows.Label, planes);
        }

        batches.Commit();
    }

    private static void WriteImages(LabeledImageReader rows, string directory, CancellationToken cancellationToken)
    {
        foreach (string name in rows.ClassNames)
            Directory.CreateDirectory(Path.Combine(directory, name));
        using var manifest = new StreamWriter(Path.Combine(directory, ManifestFile));
        manifest.Write("ImagePath\tLabel\n");
        for (int row = 0; rows.MoveNext(); row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string name = rows.ClassNames[rows.Label];
            string path = $"{name}/{row:D5}.png";
            File.WriteAllBytes(Path.Combine(directory, path), rows.ReadImage().EncodePng());
            manifest.Write($"{path}\t{name}\n");
        }
    }

    private static void CheckFolderName(string className)
    {
        bool usable = className.Trim().Trim('.').Length > 0
            && className[0] != '.'
            && !className.Any(c => char.IsControl(c) || "/\\:*?\"<>|".Contains(c));
        if (!usable)
        {
            throw new ArgumentException(
                $"The class name '{className}' cannot be a folder name on every system. Rename the class.");
        }
    }

    private static int CountRows(IDataView data)
    {
        if (data.GetRowCount() is { } known)
            return checked((int)known);
        int count = 0;
        using DataViewRowCursor cursor = data.GetRowCursor([]);
        while (cursor.MoveNext())
            count++;
        return count;
    }
}
