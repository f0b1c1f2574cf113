using Cifar10Loader;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Reads the pickle of a PyTorch file: tensors, whose values lie elsewhere in the file, and the containers they are in. Nothing else
/// is ever built.
/// </summary>
internal sealed class TorchPickle(byte[] pickle) : PickleReader(new Memory(pickle), "PyTorch state dictionary")
{
    private static readonly Dictionary<string, ScalarType> StorageTypes = new()
    {
        ["DoubleStorage"] = ScalarType.Float64,
        ["FloatStorage"] = ScalarType.Float32,
        ["HalfStorage"] = ScalarType.Float16,
        ["BFloat16Storage"] = ScalarType.BFloat16,
        ["LongStorage"] = ScalarType.Int64,
        ["IntStorage"] = ScalarType.Int32,
        ["ShortStorage"] = ScalarType.Int16,
        ["CharStorage"] = ScalarType.Int8,
        ["ByteStorage"] = ScalarType.Byte,
        ["BoolStorage"] = ScalarType.Bool,
    };

    private enum Known
    {
        OrderedDictionary,
        RebuildTensor,
        RebuildParameter,
    }

    /// <summary>The value that the pickle holds: dictionaries by object, lists, tuples as arrays, plain values, tensors.</summary>
    /// <exception cref="InvalidDataException">The pickle is damaged or asks for anything else.</exception>
    public object? Read() => Run();

    /// <inheritdoc/>
    protected override object KnownName(string module, string name) => (module, name) switch
    {
        ("collections", "OrderedDict") => Known.OrderedDictionary,
        ("torch._utils", "_rebuild_tensor_v2") => Known.RebuildTensor,
        ("torch._utils", "_rebuild_parameter") => Known.RebuildParameter,
        ("torch", _) when StorageTypes.TryGetValue(name, out var type) => type,
        _ => throw Refused(
            module, name, "Only tensors, numbers, strings, lists and dictionaries are read",
            "A module or checkpoint saved whole needs its own code: load it where you trust it, and save its weights by " +
            "torch.save(model.state_dict(), path)"),
    };

    /// <inheritdoc/>
    protected override object PersistentValue(object? id) => id is object?[] and ["storage", ScalarType type, var key, _, long count]
        ? new Storage(type, AsText(key), count)
        : base.PersistentValue(id);

    /// <inheritdoc/>
    protected override object Result(object? function, object? arguments) => (function, arguments) switch
    {
        (Known.OrderedDictionary, object?[] and []) => new Dictionary<object, object?>(),
        (Known.RebuildTensor, object?[] and [Storage storage, long offset, object?[] shape, object?[] strides, ..]) =>
            new PickledTensor(storage, offset, [.. Numbers(shape)], [.. Numbers(strides)]),
        (Known.RebuildParameter, object?[] and [PickledTensor tensor, ..]) => tensor,
        _ => throw UnknownValue(),
    };

    /// <inheritdoc/>
    protected override void SetState(object? target, object? state)
    {
        // A state dictionary's attributes tell versions of modules, on which no weight depends.
        if (target is not Dictionary<object, object?>)
            throw UnknownState();
    }

    /// <summary>Values side by side in the file.</summary>
    /// <param name="Type">Their type.</param>
    /// <param name="Key">Where they are.</param>
    /// <param name="Count">How many there are.</param>
    public sealed record Storage(ScalarType Type, string Key, long Count);

    /// <summary>A view of a storage, not yet checked.</summary>
    /// <param name="Storage">Its values.</param>
    /// <param name="Offset">The first of them.</param>
    /// <param name="Shape">Its shape.</param>
    /// <param name="Strides">By how many values each dimension's neighbours are apart.</param>
    public sealed record PickledTensor(Storage Storage, long Offset, long[] Shape, long[] Strides)
        : TensorDescription(Storage.Type, Shape)
    {
        private const int MaximumRank = 8;

        /// <summary>Whether every value of it lies in its storage.</summary>
        public bool Fits =>
            Storage.Count >= 0 && Offset >= 0 && Shape.Length == Strides.Length && Shape.Length <= MaximumRank
            && Shape.All(size => size is >= 0 and <= int.MaxValue) && Strides.All(stride => stride >= 0)
            && (Shape.Contains(0) || Last < Storage.Count);

        /// <summary>Whether it is the whole storage in its order.</summary>
        public bool IsWhole
        {
            get
            {
                long expected = 1;
                for (int i = Shape.Length - 1; i >= 0; i--)
                {
                    if (Shape[i] != 1 && Strides[i] != expected)
                        return false;
                    expected *= Shape[i];
                }
                return Offset == 0 && expected == Storage.Count;
            }
        }

        private Int128 Last => Shape.Zip(Strides).Aggregate((Int128)Offset, (sum, next) => sum + ((Int128)next.First - 1) * next.Second);
    }

    private sealed class Memory(byte[] bytes) : ByteSource("data.pkl", bytes.Length)
    {
        public override byte this[long offset]
        {
            get
            {
                CheckRange(offset, 1);
                return bytes[offset];
            }
        }

        public override void CopyTo(long offset, Span<byte> destination)
        {
            CheckRange(offset, destination.Length);
            bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
        }
    }
}
