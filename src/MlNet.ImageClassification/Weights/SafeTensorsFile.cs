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
internal sealed class SafeTensorsFile : WeightsFile
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

    private readonly Dictionary<string, StoredTensor> _stored;
    private readonly long _dataStart;

    /// <summary>Checks the header.</summary>
    /// <exception cref="InvalidDataException">It is no safetensors file, it is damaged, or it has tensors of another type.</exception>
    public SafeTensorsFile(string path, FileStream stream)
        : base(path, stream)
    {
        byte[] header = ReadHeader();
        _dataStart = LengthBytes + header.Length;
        _stored = ParseHeader(header);
        CheckPlaces();
        Tensors = _stored.ToDictionary(entry => entry.Key, TensorDescription (entry) => entry.Value);
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, TensorDescription> Tensors { get; }

    /// <summary>Writes tensors beside the file and renames it: there is a whole file, or the one that was there before.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Contiguous tensors in memory.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<(string Name, Tensor Values)> tensors)
    {
        // The wider type first, so that every tensor lies at a multiple of its element's size.
        var ordered = tensors.OrderByDescending(tensor => tensor.Values.element_size()).ToArray();
        var header = new Dictionary<string, object> { [Metadata] = new { format = "pt" } };
        long position = 0;
        foreach (var (name, values) in ordered)
        {
            long end = position + values.numel() * values.element_size();
            header.Add(name, new Description(Types.Single(type => type.Value.Type == values.dtype).Key, values.shape, [position, end]));
            position = end;
        }
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(header);
        int padding = (LengthBytes - text.Length % LengthBytes) % LengthBytes;

        FileReplacement.Write(path, file =>
        {
            file.Write(BitConverter.GetBytes((ulong)(text.Length + padding)));
            file.Write(text);
            file.Write("       "u8[..padding]);
            foreach (var (_, values) in ordered)
            {
                using var plain = values.contiguous();
                file.Write(plain.bytes);
            }
        });
    }

    /// <inheritdoc/>
    public override Tensor Read(string name)
    {
        var stored = _stored[name];
        var values = empty(stored.Shape, stored.Type);
        Stream.Position = _dataStart + stored.Begin;
        Stream.ReadExactly(values.bytes);
        return values;
    }

    private byte[] ReadHeader()
    {
        if (Stream.Length < LengthBytes)
            throw Unusable($"it has {Stream.Length} bytes, too few for a safetensors file.");
        var length = new byte[LengthBytes];
        Stream.ReadExactly(length);
        ulong bytes = BitConverter.ToUInt64(length);
        if (bytes > LongestHeader || (long)bytes > Stream.Length - LengthBytes)
            throw Unusable(
                $"its first eight bytes announce a header of {bytes} bytes, but {Stream.Length - LengthBytes} follow and the " +
                $"format allows {LongestHeader}. It is cut short, or no safetensors file (safetensors.torch.save_file writes them).");
        var header = new byte[bytes];
        Stream.ReadExactly(header);
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
        foreach (var (name, tensor) in _stored.OrderBy(entry => entry.Value.Begin).ThenBy(entry => entry.Value.End))
        {
            if (tensor.Begin != position)
                throw Unusable(
                    $"'{name}' begins at byte {tensor.Begin} of the data, but {before} ends at byte {position}; tensors may neither " +
                    "overlap nor leave a gap.");
            (position, before) = (tensor.End, $"'{name}'");
        }
        long data = Stream.Length - _dataStart;
        if (position != data)
            throw Unusable($"its tensors take {position} bytes, but {data} follow the header; it is cut short or damaged.");
    }

    /// <summary>Where a tensor is, and what it is.</summary>
    /// <param name="Type">The type of its values.</param>
    /// <param name="Shape">Its shape.</param>
    /// <param name="Begin">Its first byte, counted from the end of the header.</param>
    /// <param name="End">The byte after its last.</param>
    private sealed record StoredTensor(ScalarType Type, long[] Shape, long Begin, long End) : TensorDescription(Type, Shape);

    private sealed record Description(
        [property: JsonPropertyName("dtype")] string? Type,
        [property: JsonPropertyName("shape")] long[]? Shape,
        [property: JsonPropertyName("data_offsets")] long[]? Places);
}
