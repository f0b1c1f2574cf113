using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// What the processes of a training do together. Each has a network of its own, and all networks stay alike, since all of them take the
/// same steps. Where there is one process, nothing is done.
/// </summary>
/// <param name="group">The processes; null for this one alone.</param>
/// <param name="cancellation">The wish to cancel of this process.</param>
internal sealed class Replicas(IProcessGroup? group, CancellationToken cancellation) : IDisposable
{
    // Of 32 MiB: long enough to fill a network, short enough to be no burden.
    private const int BucketLength = 8 << 20;

    private readonly CancellationTokenSource _agreed = new();
    private Tensor? _bucket;
    private FailureKeepingGroup? _normGroup;

    /// <summary>The part of each batch that this process takes.</summary>
    public Shard Shard { get; } = group is null ? Shard.Whole : new Shard(group.Rank, group.Size);

    /// <summary>Whether this process tells, writes and calls back.</summary>
    public bool IsFirst => Shard.Rank == 0;

    /// <summary>Canceled in all processes after the same step.</summary>
    public CancellationToken Cancellation => group is null ? cancellation : _agreed.Token;

    /// <summary>Whether an exception is thrown by this process alone, or by all of them at the same point.</summary>
    public bool IsAlone(Exception e) => group is not null && !(e is OperationCanceledException && _agreed.IsCancellationRequested);

    /// <summary>Tells the others not to wait.</summary>
    public void Abandon(Exception reason) => group?.Abandon(reason);

    /// <summary>The value of the first process.</summary>
    public int Share(int value)
    {
        group?.Broadcast(MemoryMarshal.AsBytes(new Span<int>(ref value)));
        return value;
    }

    /// <summary>What the first process has, as <paramref name="write"/> writes and <paramref name="read"/> reads it.</summary>
    public T? Share<T>(T? value, Action<T, Stream> write, Func<Stream, T> read)
        where T : class
    {
        if (group is null)
            return value;
        using var content = new MemoryStream();
        if (IsFirst && value is not null)
            write(value, content);
        content.SetLength(Share((int)content.Length));
        group.Broadcast(content.GetBuffer().AsSpan(0, (int)content.Length));
        content.Position = 0;
        return IsFirst ? value : content.Length == 0 ? null : read(content);
    }

    /// <summary>Checks that all processes train the same, and gives their networks the weights of the first.</summary>
    /// <param name="network">The network.</param>
    /// <param name="identity">What the training is.</param>
    /// <param name="smallestBatch">Images of the smallest step.</param>
    /// <param name="sharesStatistics">Whether batch norms see the images of all processes.</param>
    /// <exception cref="InvalidOperationException">The first process trains something else, or a batch is too small to be divided.</exception>
    public void Join(ClassificationNetwork network, TrainingIdentity identity, int smallestBatch, bool sharesStatistics)
    {
        if (group is null)
            return;
        var first = Share(identity, (value, stream) => value.Write(new BinaryWriter(stream)), stream => TrainingIdentity.Read(new BinaryReader(stream)))!;
        if (identity.DifferencesFrom(first) is { Count: > 0 } differences)
            throw new InvalidOperationException(
                $"Process {Shard.Rank} of {Shard.Count} trains something else than process 0: {string.Join("; ", differences)}. " +
                "Give all of them the same options and the same rows in the same order.");
        if (smallestBatch < 2 * Shard.Count)
            throw new InvalidOperationException(
                $"A batch of {smallestBatch} images is too small for {Shard.Count} processes, which need at least 2 each, as batch normalization " +
                $"compares images. Raise {nameof(ImageClassificationOptions.BatchSize)}, give more rows, or start fewer processes.");
        var weights = NetworkWeights.Of(network);
        foreach (byte[] values in weights.ToDictionary().Values)
            group.Broadcast(values);
        weights.CopyTo(network);
        if (!sharesStatistics)
            return;
        _normGroup = new FailureKeepingGroup(group);
        foreach (var norm in network.modules().OfType<BatchNormLayer>())
            norm.Group = _normGroup;
    }

    /// <summary>Adds up the gradients and the tally of a step over all processes.</summary>
    public void AddUp(IEnumerable<Parameter> parameters, Tensor tally)
    {
        if (group is null)
            return;
        _normGroup?.ThrowIfFailed();
        using var noGrad = no_grad();
        AddUp([.. parameters.Select(parameter => parameter.grad).OfType<Tensor>(), tally]);
    }

    /// <summary>Replaces the running statistics of batch norms by their means over all processes.</summary>
    public void AverageStatistics(params IEnumerable<ClassificationNetwork> networks)
    {
        if (group is null || _normGroup is not null)
            return;
        using var noGrad = no_grad();
        Tensor[] statistics = [.. networks.Distinct().SelectMany(network => network.buffers()).Where(buffer => buffer.is_floating_point())];
        AddUp(statistics);
        foreach (var values in statistics)
            values.div_(Shard.Count);
    }

    /// <summary>Whether something is so in any process. Also where the wish to cancel becomes that of all.</summary>
    public bool Any(bool condition)
    {
        if (group is null)
            return condition;
        Span<double> votes = [condition ? 1 : 0, cancellation.IsCancellationRequested ? 1 : 0];
        group.Sum(votes);
        if (votes[1] > 0)
            _agreed.Cancel();
        return votes[0] > 0;
    }

    /// <summary>Sums over all processes.</summary>
    public (double, double) Sum(double first, double second)
    {
        Span<double> values = [first, second];
        group?.Sum(values);
        return (values[0], values[1]);
    }

    public void Dispose()
    {
        _agreed.Dispose();
        _bucket?.Dispose();
    }

    // As many tensors at a time as the bucket takes. What is on a CUDA device passes through pinned memory, in the order of its stream.
    private void AddUp(Tensor[] tensors)
    {
        _bucket ??= ImageBatch.Allocate(
            [Math.Max(tensors.Max(values => values.numel()), Math.Min(BucketLength, tensors.Sum(values => values.numel())))],
            ScalarType.Float32, pinned: tensors[0].device_type == DeviceType.CUDA);
        for (int first = 0, next = 0; first < tensors.Length; first = next)
        {
            long length = 0;
            while (next < tensors.Length && length + tensors[next].numel() <= _bucket.numel())
                length += tensors[next++].numel();
            AddUp(tensors.AsSpan(first, next - first), (int)length);
        }
    }

    private void AddUp(Span<Tensor> tensors, int length)
    {
        using var scope = NewDisposeScope();
        var places = new Tensor[tensors.Length];
        for (int i = 0, start = 0; i < tensors.Length; start += (int)tensors[i++].numel())
            places[i] = _bucket!.narrow(0, start, tensors[i].numel()).view(tensors[i].shape).copy_(tensors[i], true);
        if (tensors[0].device_type == DeviceType.CUDA)
            cuda.synchronize(tensors[0].device);
        group!.Sum(MemoryMarshal.Cast<byte, float>(_bucket!.bytes)[..length]);
        for (int i = 0; i < tensors.Length; i++)
            tensors[i].copy_(places[i], true);
    }
}
