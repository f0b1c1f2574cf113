using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// A copy of a network's parameters and running statistics in managed memory: float32 and int64 tensors by name, exactly as
/// they were.
/// </summary>
internal sealed class NetworkWeights
{
    private const int MaximumRank = 8;
    private const int MaximumTensors = 100_000;

    private readonly IReadOnlyList<Entry> _entries;

    private NetworkWeights(IReadOnlyList<Entry> entries) => _entries = entries;

    /// <summary>Copies the weights of a network, from any device.</summary>
    /// <param name="network">The network.</param>
    /// <param name="reuse">An earlier copy of the same network, whose memory is taken and whose values are lost; null for new memory.</param>
    public static NetworkWeights Of(ClassificationNetwork network, NetworkWeights? reuse = null)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (reuse is null)
            reuse = new NetworkWeights([.. network.state_dict().Select(entry => new Entry(
                entry.Key, entry.Value.dtype, entry.Value.shape, new byte[entry.Value.numel() * entry.Value.element_size()]))]);
        foreach (var (entry, tensor) in reuse._entries.Zip(network.state_dict().Values))
            tensor.detach().cpu().contiguous().bytes.CopyTo(entry.Data);
        return reuse;
    }

    /// <summary>The bytes of each tensor by name.</summary>
    public Dictionary<string, byte[]> ToDictionary() => _entries.ToDictionary(entry => entry.Name, entry => entry.Data);

    /// <summary>What each tensor is.</summary>
    public Dictionary<string, TensorDescription> Describe() =>
        _entries.ToDictionary(entry => entry.Name, entry => new TensorDescription(entry.Type, entry.Shape));

    /// <summary>A copy of a tensor.</summary>
    public Tensor ToTensor(string name)
    {
        var entry = _entries.Single(entry => entry.Name == name);
        var values = empty(entry.Shape, entry.Type);
        entry.Data.CopyTo(values.bytes);
        return values;
    }

    /// <summary>Whether all parameters and running statistics of a network are numbers.</summary>
    public static bool AreFinite(ClassificationNetwork network)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var largest = network.state_dict().Values.Where(tensor => tensor.is_floating_point()).Select(tensor => tensor.detach().abs().max());
        return stack(largest).isfinite().all().cpu().item<bool>();
    }

    /// <summary>Gives a network these weights: all of them, or none and an exception.</summary>
    /// <exception cref="InvalidDataException">The weights are those of another network.</exception>
    public void CopyTo(ClassificationNetwork network)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var targets = network.state_dict();
        foreach (var entry in _entries)
        {
            if (!targets.TryGetValue(entry.Name, out var target))
                throw new InvalidDataException($"The weights hold '{entry.Name}', which '{network.Architecture}' does not have.");
            if (target.dtype != entry.Type || !target.shape.SequenceEqual(entry.Shape))
                throw new InvalidDataException(
                    $"The weights hold '{entry.Name}' as {entry.Type} [{string.Join(", ", entry.Shape)}], but " +
                    $"'{network.Architecture}' needs {target.dtype} [{string.Join(", ", target.shape)}].");
        }
        if (targets.Count != _entries.Count)
            throw new InvalidDataException(
                $"The weights hold {_entries.Count} tensors, but '{network.Architecture}' has {targets.Count}.");

        foreach (var entry in _entries)
        {
            using var values = empty(entry.Shape, entry.Type);
            entry.Data.CopyTo(values.bytes);
            targets[entry.Name].copy_(values);
        }
    }

    /// <summary>Writes the weights, each tensor as a checked block.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write(_entries.Count);
        foreach (var entry in _entries)
            CheckedBlock.Write(writer, block =>
            {
                block.Write(entry.Name);
                block.Write(entry.Type == ScalarType.Int64);
                block.Write(entry.Shape.Length);
                foreach (long size in entry.Shape)
                    block.Write(size);
                block.Write(entry.Data);
            });
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The weights are damaged.</exception>
    public static NetworkWeights Read(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        if (count is < 0 or > MaximumTensors)
            throw new InvalidDataException($"The number of weight tensors is {count}.");
        var entries = new Entry[count];
        for (int i = 0; i < count; i++)
            entries[i] = CheckedBlock.Read(reader, $"weight tensor {i + 1} of {count}", ReadEntry);
        return new NetworkWeights(entries);
    }

    private static Entry ReadEntry(BinaryReader block)
    {
        string name = block.ReadString();
        var type = block.ReadBoolean() ? ScalarType.Int64 : ScalarType.Float32;
        int rank = block.ReadInt32();
        if (rank is < 0 or > MaximumRank)
            throw new InvalidDataException($"'{name}' has {rank} dimensions.");
        var shape = new long[rank];
        long bytes = type == ScalarType.Int64 ? sizeof(long) : sizeof(float);
        for (int i = 0; i < rank; i++)
        {
            shape[i] = block.ReadInt64();
            if (shape[i] is < 0 or > int.MaxValue)
                throw new InvalidDataException($"'{name}' has a dimension of {shape[i]}.");
            bytes = checked(bytes * shape[i]);
        }
        long rest = block.BaseStream.Length - block.BaseStream.Position;
        if (bytes != rest)
            throw new InvalidDataException($"'{name}' has {rest} bytes instead of {bytes}.");
        return new Entry(name, type, shape, block.ReadBytes((int)bytes));
    }

    private sealed record Entry(string Name, ScalarType Type, long[] Shape, byte[] Data);
}
