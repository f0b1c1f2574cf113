namespace Cifar10Loader;

/// <summary>Reads pickles of plain data and numpy arrays, as CIFAR's python version has them.</summary>
internal sealed class NumpyPickle : PickleReader
{
    private readonly string _path;

    private NumpyPickle(MappedFile file)
        : base(file, "CIFAR pickle") => _path = file.Path;

    /// <exception cref="InvalidDataException">The file is no pickle, is damaged or asks for anything but plain data.</exception>
    public static PickledDictionary ReadDictionary(string path) => new NumpyPickle(MappedFile.Open(path)).ReadDictionary();

    private PickledDictionary ReadDictionary() =>
        Run() is Dictionary<object, object?> entries
            ? new PickledDictionary(_path, entries)
            : throw new InvalidDataException($"'{_path}' is a pickle but no dictionary, so no CIFAR file.");

    /// <summary>The functions and types of numpy's own pickles: what they stand for here.</summary>
    private enum Known
    {
        ReconstructArray,
        ArrayFromBuffer,
        ArrayType,
        ElementType,
        EncodeText,
    }

    /// <summary>An array's element type on the way: the only use of numpy.dtype here is its name.</summary>
    private sealed record ElementTypeName(string Name);

    protected override object KnownName(string module, string name) => (module, name) switch
    {
        ("numpy.core.multiarray" or "numpy._core.multiarray", "_reconstruct") => Known.ReconstructArray,
        ("numpy.core.numeric" or "numpy._core.numeric", "_frombuffer") => Known.ArrayFromBuffer,
        ("numpy", "ndarray") => Known.ArrayType,
        ("numpy", "dtype") => Known.ElementType,
        ("_codecs", "encode") => Known.EncodeText,
        _ => throw Refused(
            module, name, "Only numbers, strings, lists, dictionaries and numpy arrays are read", "Do not trust this file"),
    };

    protected override object Result(object? function, object? arguments) => (function, arguments) switch
    {
        (Known.ReconstructArray, object?[]) => new PickledArray(),
        (Known.ElementType, object?[] and [var name, ..]) => new ElementTypeName(AsText(name)),
        (Known.EncodeText, object?[] and [string text, ..]) => new PickledBytes(Latin1Bytes(text)),
        (Known.ArrayFromBuffer, object?[] and [PickledBytes bytes, ElementTypeName type, object?[] shape, var order]) =>
            new PickledArray
            {
                Bytes = bytes,
                ElementType = type.Name,
                Shape = Numbers(shape),
                ColumnMajor = AsText(order) == "F",
            },
        _ => throw UnknownValue(),
    };

    protected override void SetState(object? target, object? state)
    {
        switch (target, state)
        {
            case (ElementTypeName, _):
                break; // Byte order and alignment: of no account for single bytes, the only type accepted later.
            case (PickledArray array, object?[] and [_, object?[] shape, ElementTypeName type, var columnMajor, PickledBytes bytes]):
                array.Shape = Numbers(shape);
                array.ElementType = type.Name;
                array.ColumnMajor = columnMajor is true or not (false or 0L);
                array.Bytes = bytes;
                break;
            default:
                throw UnknownState();
        }
    }
}
