using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// A file of tensors in the safetensors format: the length of the header as eight bytes, little-endian; the header, JSON that
/// gives each tensor's name, type, shape and place; the data, tensor after tensor. The header is checked before any of it is
/// used.
/// </summary>
internal sealed class SafeTensorsFile : IDisposable
{
    private const int LengthBytes = sizeof(ulong);

    // The limit that the format itself sets.
    private const int LongestHeader = 100_000_000;

    private const string Metadata = "__metadata__";

    private static readonly Dictionary<string, (ScalarType Type, int Size)> Types = new()
    {
        ["F64"] = (ScalarType.Float64, 8),
        ["F32"] = (ScalarType.Float32, 4),
        ["F16"] = (ScalarType.Float16, 2),
        ["BF16"] = (ScalarType.BFloat16, 2),
        ["I64"] = (ScalarType.Int64, 8),
    };

    private readonly string _path;
    private readonly FileStream _stream;
    private readonly long _dataStart;

    private SafeTensorsFile(string path, FileStream stream)
    {
        (_path, _stream) = (path, stream);
        byte[] header = ReadHeader();
        _dataStart = LengthBytes + header.Length;
        Tensors = ParseHeader(header);
        CheckPlaces();
    }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="InvalidDataException">It is no safetensors file, it is damaged, or it has tensors of another type.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static SafeTensorsFile Open(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            return new SafeTensorsFile(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The length and the hash of the whole file, so that two files are told apart.</summary>
    public string Identity()
    {
        _stream.Position = 0;
        return FormattableString.Invariant($"{_stream.Length} bytes, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(_stream))}");
    }

    /// <summary>Reads the values of a tensor, in the type they are stored in.</summary>
    public Tensor Read(string name)
    {
        var stored = Tensors[name];
        var values = empty(stored.Shape, stored.Type);
        _stream.Position = _dataStart + stored.Begin;
        _stream.ReadExactly(values.bytes);
        return values;
    }

    /// <summary>The exception for a file that cannot be used.</summary>
    /// <param name="reason">The end of the sentence "The weights file '...' cannot be used: ...".</param>
    /// <param name="inner">What told of it, if anything.</param>
    public InvalidDataException Unusable(string reason, Exception? inner = null) =>
        new($"The weights file '{_path}' cannot be used: {reason}", inner);

    public void Dispose() => _stream.Dispose();

    private byte[] ReadHeader()
    {
        if (_stream.Length < LengthBytes)
            throw Unusable($"it has {_stream.Length} bytes, too few for a safetensors file.");
        var length = new byte[LengthBytes];
        _stream.ReadExactly(length);
        ulong bytes = BitConverter.ToUInt64(length);
        if (bytes > LongestHeader || (long)bytes > _stream.Length - LengthBytes)
            throw Unusable(
                $"its first eight bytes announce a header of {bytes} bytes, but {_stream.Length - LengthBytes} follow and the " +
                $"format allows {LongestHeader}. It is cut short, or no safetensors file (safetensors.torch.save_file writes them).");
        var header = new byte[bytes];
        _stream.ReadExactly(header);
        return header;
    }

    private Dictionary<string, StoredTensor> ParseHeader(byte[] header)
    {
        try
        {
            using var json = JsonDocument.Parse(header);
            var tensors = new Dictionary<string, StoredTensor>();
            foreach (var entry in json.RootElement.EnumerateObject().Where(entry => entry.Name != Metadata))
                if (!tensors.TryAdd(entry.Name, Checked(entry.Name, entry.Value.Deserialize<Description>()!)))
                    throw Unusable($"'{entry.Name}' is there twice.");
            return tensors;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Unusable($"its header is not the JSON that the format asks for: {e.Message}", e);
        }
    }

    private StoredTensor Checked(string name, Description description)
    {
        if (description is not { Type: { } type, Shape: { } shape, Places: [var begin, var end] })
            throw Unusable($"'{name}' does not have a dtype, a shape and two data_offsets.");
        if (!Types.TryGetValue(type, out var known))
            throw Unusable($"'{name}' is of type {type}; only {string.Join(", ", Types.Keys)} can be read.");
        if (shape.Any(size => size is < 0 or > int.MaxValue))
            throw Unusable($"'{name}' has the shape [{string.Join(", ", shape)}].");

        var bytes = shape.Aggregate((Int128)known.Size, (product, size) => Int128.Min(product * size, long.MaxValue));
        if (begin < 0 || end < begin || end - begin != bytes)
            throw Unusable(
                $"'{name}' lies at bytes {begin} to {end} of the data, but {type} [{string.Join(", ", shape)}] takes {bytes} bytes.");
        return new StoredTensor(known.Type, shape, begin, end);
    }

    /// <summary>The format lays tensors side by side from the first byte of the data to the last.</summary>
    private void CheckPlaces()
    {
        var (position, before) = (0L, "the header");
        foreach (var (name, tensor) in Tensors.OrderBy(entry => entry.Value.Begin).ThenBy(entry => entry.Value.End))
        {
            if (tensor.Begin != position)
                throw Unusable(
                    $"'{name}' begins at byte {tensor.Begin} of the data, but {before} ends at byte {position}; tensors may neither " +
                    "overlap nor leave a gap.");
            (position, before) = (tensor.End, $"'{name}'");
        }
        long data = _stream.Length - _dataStart;
        if (position != data)
            throw Unusable($"its tensors take {position} bytes, but {data} follow the header; it is cut short or damaged.");
    }

    /// <summary>Where a tensor is, and what it is.</summary>
    /// <param name="Type">The type of its values.</param>
    /// <param name="Shape">Its shape.</param>
    /// <param name="Begin">Its first byte, counted from the end of the header.</param>
    /// <param name="End">The byte after its last.</param>
    public sealed record StoredTensor(ScalarType Type, long[] Shape, long Begin, long End);

    private sealed record Description(
        [property: JsonPropertyName("dtype")] string? Type,
        [property: JsonPropertyName("shape")] long[]? Shape,
        [property: JsonPropertyName("data_offsets")] long[]? Places);
}
