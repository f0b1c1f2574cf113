using System.IO.Compression;
using System.IO.Hashing;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// A state dictionary that <c>torch.save</c> wrote (PyTorch 1.6 and later): a zip file with a pickle, which describes the tensors,
/// and an entry for each storage, not compressed.
/// </summary>
internal sealed class TorchFile : WeightsFile
{
    /// <summary>The entry with the pickle, in the folder of all others.</summary>
    public const string EntryName = "data.pkl";

    // That of a ResNet-152 takes 0.1 MB.
    private const int LongestPickle = 16 << 20;

    // What DataParallel puts before each name.
    private const string ParallelPrefix = "module.";

    // Under which names training programs keep a state dictionary among other things.
    private static readonly string[] StateDictionaryNames = ["state_dict", "model_state_dict", "model"];

    private static readonly Dictionary<ScalarType, int> ElementSizes = new()
    {
        [ScalarType.Float64] = 8,
        [ScalarType.Float32] = 4,
        [ScalarType.Float16] = 2,
        [ScalarType.BFloat16] = 2,
        [ScalarType.Int64] = 8,
    };

    private readonly ZipArchive _archive;
    private readonly string _folder;
    private readonly Dictionary<string, TorchPickle.PickledTensor> _tensors;

    /// <summary>Reads and checks the pickle.</summary>
    /// <exception cref="InvalidDataException">It is damaged, holds anything but a state dictionary, or has other types.</exception>
    public TorchFile(string path, FileStream stream, ZipArchive archive, ZipArchiveEntry pickle)
        : base(path, stream)
    {
        _archive = archive;
        _folder = pickle.FullName[..^EntryName.Length];
        if (archive.Entries.Any(entry => entry.FullName.StartsWith(_folder + "code/", StringComparison.Ordinal)))
            throw Unusable(
                "it is a TorchScript program. Save its weights alone: torch.save(torch.jit.load(path).state_dict(), path).");
        if (archive.GetEntry(_folder + "byteorder") is { } order && !Content(order, 16).AsSpan().SequenceEqual("little"u8))
            throw Unusable("its values are not in little-endian byte order. Save it anew on a machine of that order.");
        _tensors = StateDictionary(Unpickled(pickle));
        Tensors = _tensors.ToDictionary(entry => entry.Key, TensorDescription (entry) => entry.Value);
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, TensorDescription> Tensors { get; }

    /// <inheritdoc/>
    public override Tensor Read(string name)
    {
        var tensor = _tensors[name];
        using var storage = ReadStorage(name, tensor.Storage);
        return tensor.IsWhole
            ? storage.reshape(tensor.Shape)
            : storage.as_strided(tensor.Shape, tensor.Strides, tensor.Offset).contiguous();
    }

    public override void Dispose()
    {
        _archive.Dispose();
        base.Dispose();
    }

    private object? Unpickled(ZipArchiveEntry entry)
    {
        byte[] content = Content(entry, LongestPickle);
        try
        {
            return new TorchPickle(content).Read();
        }
        catch (InvalidDataException e)
        {
            throw Unusable(e.Message, e);
        }
    }

    private Dictionary<string, TorchPickle.PickledTensor> StateDictionary(object? root)
    {
        var whole = root as Dictionary<object, object?> ?? [];
        var entries = StateDictionaryNames.Select(name => whole.GetValueOrDefault(name)).OfType<Dictionary<object, object?>>().FirstOrDefault()
            ?? whole;
        if (!entries.Values.Any(value => value is TorchPickle.PickledTensor))
            throw Unusable(
                $"it holds no state dictionary, neither by itself nor as {string.Join(" or ", StateDictionaryNames.Select(name => $"'{name}'"))}. " +
                "Save the weights by torch.save(model.state_dict(), path).");

        bool isParallel = entries.Keys.All(key => key is string name && name.StartsWith(ParallelPrefix, StringComparison.Ordinal));
        return entries.Select(entry => Checked(entry.Key, entry.Value))
            .ToDictionary(entry => isParallel ? entry.Name[ParallelPrefix.Length..] : entry.Name, entry => entry.Tensor);
    }

    private (string Name, TorchPickle.PickledTensor Tensor) Checked(object key, object? value)
    {
        if (key is not string name || value is not TorchPickle.PickledTensor tensor)
            throw Unusable($"its state dictionary holds '{key}', which is no tensor.");
        if (!tensor.Fits)
            throw Unusable(
                $"'{name}' is the values {tensor.Offset} and on, in shape [{string.Join(", ", tensor.Shape)}] and strides " +
                $"[{string.Join(", ", tensor.Strides)}], of a storage of {tensor.Storage.Count}, which does not fit.");
        if (!ElementSizes.ContainsKey(tensor.Type))
            throw Unusable($"'{name}' is of type {tensor.Type}; only {string.Join(", ", ElementSizes.Keys)} can be read.");
        return (name, tensor);
    }

    private Tensor ReadStorage(string name, TorchPickle.Storage storage)
    {
        var entry = _archive.GetEntry($"{_folder}data/{storage.Key}")
            ?? throw Unusable($"it lacks the values of '{name}', 'data/{storage.Key}'; it is damaged.");
        Int128 bytes = (Int128)storage.Count * ElementSizes[storage.Type];
        if (entry.Length != bytes || entry.CompressedLength != bytes || bytes > Math.Min(Stream.Length, int.MaxValue))
            throw Unusable(
                $"the values of '{name}' take {bytes} bytes, but 'data/{storage.Key}' has {entry.Length}, {entry.CompressedLength} of " +
                "them in the file; they must be all there and not compressed.");

        var values = empty(storage.Count, storage.Type);
        ReadExactly(entry, values.bytes);
        return values;
    }

    private byte[] Content(ZipArchiveEntry entry, int longest)
    {
        if (entry.Length > longest)
            throw Unusable($"'{entry.Name}' has {entry.Length} bytes; at most {longest} are read.");
        var content = new byte[entry.Length];
        ReadExactly(entry, content);
        return content;
    }

    private void ReadExactly(ZipArchiveEntry entry, Span<byte> content)
    {
        try
        {
            using var stream = entry.Open();
            stream.ReadExactly(content);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or NotSupportedException)
        {
            throw Unusable($"'{entry.FullName}' cannot be read: {e.Message}", e);
        }
        if (Crc32.HashToUInt32(content) != entry.Crc32)
            throw Unusable($"'{entry.FullName}' does not have the checksum that the file tells; it is damaged.");
    }
}
