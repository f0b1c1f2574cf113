namespace Cifar10Loader;

/// <summary>Finds the files of a CIFAR data set, whichever version of the archive they come from, and opens them.</summary>
internal static class ImageSetFiles
{
    public static ImageSet OpenCifar10(string directory, Cifar10Split split)
    {
        string[] batches = CifarFormat.Batches(split);
        string[] binary = [.. CifarFormat.BinaryBatches(split), CifarFormat.ClassNamesFile];
        string[] python = [.. batches, "batches.meta"];
        (string folder, bool isBinary) = FindFolder(
            directory, "Cifar10.Load", CifarFormat.BinaryFolder, CifarFormat.PythonFolder, binary, python);

        if (isBinary)
        {
            return new ImageSet(
                [.. binary[..^1].Select(name => new BinaryBatch(Path.Combine(folder, name), labelSets: 1))],
                ClassNamesFile.Read(Path.Combine(folder, CifarFormat.ClassNamesFile)));
        }

        string meta = Path.Combine(folder, "batches.meta");
        return new ImageSet(
            [.. batches.Select(name => new PickledBatch(Path.Combine(folder, name), "labels"))],
            ClassNamesFile.Check(NumpyPickle.ReadDictionary(meta).GetNames("label_names"), meta));
    }

    public static ImageSet OpenCifar100(string directory, Cifar10Split split)
    {
        string batch = CifarFormat.Batches(split) == CifarFormat.TestBatches ? "test" : "train";
        (string folder, bool isBinary) = FindFolder(
            directory, "Cifar100.Load", "cifar-100-binary", "cifar-100-python",
            [batch + ".bin", "fine_label_names.txt", "coarse_label_names.txt"], [batch, "meta"]);

        if (isBinary)
        {
            return new ImageSet(
                [new BinaryBatch(Path.Combine(folder, batch + ".bin"), labelSets: 2)],
                ClassNamesFile.Read(Path.Combine(folder, "coarse_label_names.txt")),
                ClassNamesFile.Read(Path.Combine(folder, "fine_label_names.txt")));
        }

        string meta = Path.Combine(folder, "meta");
        PickledDictionary names = NumpyPickle.ReadDictionary(meta);
        return new ImageSet(
            [new PickledBatch(Path.Combine(folder, batch), "coarse_labels", "fine_labels")],
            ClassNamesFile.Check(names.GetNames("coarse_label_names"), meta),
            ClassNamesFile.Check(names.GetNames("fine_label_names"), meta));
    }

    /// <summary>
    /// The folder that holds the files: the given one, or the one the official archive unpacks to inside it. The
    /// version that has any of its files is the one meant; then all of them must be there.
    /// </summary>
    private static (string Folder, bool IsBinary) FindFolder(
        string directory, string caller, string binaryFolder, string pythonFolder, string[] binary, string[] python)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        if (File.Exists(directory))
        {
            throw new DirectoryNotFoundException(
                $"'{directory}' is a file. {caller} reads a directory; if this is the archive, unpack it first.");
        }

        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException($"The directory '{directory}' does not exist.");

        foreach ((string[] files, string subfolder, bool isBinary) in
            new[] { (binary, binaryFolder, true), (python, pythonFolder, false) })
        {
            foreach (string folder in new[] { directory, Path.Combine(directory, subfolder) })
            {
                string[] missing = [.. files.Where(name => !Path.Exists(Path.Combine(folder, name)))];
                if (missing.Length == 0)
                    return (folder, isBinary);
                if (missing.Length < files.Length)
                {
                    throw new FileNotFoundException(
                        $"'{folder}' lacks {string.Join(", ", missing)}. Unpack the archive again, or see Cifar10.DownloadAsync.",
                        Path.Combine(folder, missing[0]));
                }
            }
        }

        throw new FileNotFoundException(
            $"'{directory}' holds no files for {caller}: expected {string.Join(", ", binary)} (binary version) or " +
            $"{string.Join(", ", python)} (python version), there or in a folder '{binaryFolder}' or '{pythonFolder}'." +
            OtherDataSet(directory, caller));
    }

    private static string OtherDataSet(string directory, string caller)
    {
        bool Has(params string[] names) => names.Any(name => File.Exists(Path.Combine(directory, name)));
        if (caller == "Cifar10.Load" && Has("train.bin", "fine_label_names.txt", "meta"))
            return " These look like the files of CIFAR-100: use Cifar100.Load.";
        if (caller == "Cifar100.Load" && Has("data_batch_1.bin", "data_batch_1"))
            return " These look like the files of CIFAR-10: use Cifar10.Load.";
        return "";
    }
}
