namespace Cifar10Loader;

/// <summary>
/// Writes one split as CIFAR-10 binary batches: first beside their final names, then renamed all together by
/// <see cref="Commit"/>. Disposed without a commit, it leaves nothing behind.
/// </summary>
internal sealed class BatchWriter : IDisposable
{
    private readonly string _directory;
    private readonly string[] _names;
    private readonly string[] _classNames;
    private readonly int _count;
    private FileStream? _file;
    private int _filesBegun;
    private int _added;

    /// <param name="directory">Where to write; created if need be.</param>
    /// <param name="split">Five files for the training images, one for the test images.</param>
    /// <param name="classNames">The classes in label order.</param>
    /// <param name="count">How many images will be added; they are spread evenly over the files.</param>
    public BatchWriter(string directory, Cifar10Split split, IEnumerable<string> classNames, int count)
    {
        _directory = directory;
        _names = CifarFormat.BinaryBatches(split);
        _classNames = ClassNamesFile.Check([.. classNames], directory);
        _count = count;
        if (count < _names.Length)
        {
            throw new InvalidOperationException(
                $"There are {count} images for the {_names.Length} files of the {split} split in '{directory}'; each " +
                "file needs at least one image.");
        }

        Directory.CreateDirectory(directory);
        foreach (string name in _names)
        {
            string path = Path.Combine(directory, name);
            if (Path.Exists(path))
                throw new IOException($"'{path}' exists already. Delete it or choose another directory.");
        }

        if (File.Exists(MetaPath) && !ClassNamesFile.Read(MetaPath).SequenceEqual(_classNames))
        {
            throw new InvalidOperationException(
                $"'{MetaPath}' names the classes {string.Join(", ", ClassNamesFile.Read(MetaPath))}, but the images " +
                $"to write have {string.Join(", ", _classNames)}. Both splits of one directory have the same classes.");
        }
    }

    private string MetaPath => Path.Combine(_directory, CifarFormat.ClassNamesFile);

    public void Add(int label, ReadOnlySpan<byte> pixels)
    {
        if (pixels.Length != CifarFormat.PixelBytes)
            throw new ArgumentException($"An image has {CifarFormat.PixelBytes} bytes, not {pixels.Length}.", nameof(pixels));
        if (label < 0 || label >= _classNames.Length)
            throw new ArgumentOutOfRangeException(nameof(label), label, $"There are {_classNames.Length} classes.");
        if (_added == (long)_count * _filesBegun / _names.Length)
            BeginFile();
        _file!.WriteByte((byte)label);
        _file.Write(pixels);
        _added++;
    }

    public void Commit()
    {
        if (_added != _count)
            throw new InvalidOperationException($"{_added:N0} images came where {_count:N0} were announced.");
        _file!.Dispose();
        if (!File.Exists(MetaPath))
        {
            ClassNamesFile.Write(Unfinished(MetaPath), _classNames);
            File.Move(Unfinished(MetaPath), MetaPath);
        }

        foreach (string name in _names)
        {
            string path = Path.Combine(_directory, name);
            File.Move(Unfinished(path), path);
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        foreach (string name in _names)
            File.Delete(Unfinished(Path.Combine(_directory, name)));
    }

    private void BeginFile()
    {
        _file?.Dispose();
        string path = Unfinished(Path.Combine(_directory, _names[_filesBegun++]));
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
    }

    private static string Unfinished(string path) => path + ".unfinished";
}
