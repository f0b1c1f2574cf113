using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Gives batches: of images that are on the device altogether, or filled in memory that is used again and again. For a CUDA device a thread
/// of its own fills a few ahead. A CPU has nothing to do meanwhile but the filling, and a thread more than cores holds up every operation of
/// a step: there the thread that asks for a batch fills it, and a step takes 4 % less.
/// </summary>
internal sealed class DataLoader : IDisposable
{
    private const int BatchesAhead = 3;
    private const int BatchesOut = 2;

    private readonly ImageSet _images;
    private readonly int[] _sizes;
    private readonly Shard _shard;
    private readonly ResidentImages? _resident;
    private readonly bool _fillsAhead;
    private readonly HostBatch[] _batches = [];

    /// <param name="images">What to walk through.</param>
    /// <param name="batchSize">Images per batch. The last two are evened out where the last would be smaller than half.</param>
    /// <param name="device">Where the batches go; memory for a CUDA device is pinned.</param>
    /// <param name="weights">How much each image counts; null where all count alike.</param>
    /// <param name="shard">The part of each batch that is loaded; null for all of it.</param>
    /// <param name="resident">Whether all images go to the device at once; null: where it is a CUDA device that they fit on.</param>
    public DataLoader(
        ImageSet images, int batchSize, Device device, ImageWeights? weights = null, Shard? shard = null, bool? resident = null)
    {
        _images = images;
        _sizes = Sizes(images.Count, batchSize);
        _shard = shard ?? Shard.Whole;
        _fillsAhead = device.type == DeviceType.CUDA;
        if (resident ?? (device.type == DeviceType.CUDA && ResidentImages.Fit(images, CudaDevice.FreeMemory(device.index))))
        {
            _resident = new ResidentImages((ImageCache)images, weights, device);
            return;
        }
        _batches = new HostBatch[Math.Min(_fillsAhead ? BatchesAhead : BatchesOut, _sizes.Length)];
        for (int i = 0; i < _batches.Length; i++)
            _batches[i] = new HostBatch(images.Layout, _shard.LargestOf(_sizes.Max()), pinned: _fillsAhead, weights);
    }

    /// <summary>Batches per pass.</summary>
    public int BatchCount => _sizes.Length;

    /// <summary>Images of the smallest batch, all parts together.</summary>
    public int SmallestBatch => _sizes.Min();

    /// <summary>The sizes of the batches that cover a number of images.</summary>
    /// <remarks>
    /// Over a few images of few pixels, batch normalization divides by next to nothing: one such step can wreck a network, and
    /// over a single image it cannot train at all.
    /// </remarks>
    public static int[] Sizes(int count, int batchSize)
    {
        var sizes = Enumerable.Repeat(batchSize, count / batchSize).ToList();
        int rest = count % batchSize;
        if (rest > 0 && rest < batchSize / 2.0 && sizes.Count > 0)
        {
            int both = batchSize + rest;
            rest = both / 2;
            sizes[^1] = both - rest;
        }
        if (rest == 1 && sizes.Count > 0)
            sizes[^1]++;
        else if (rest > 0)
            sizes.Add(rest);
        return [.. sizes];
    }

    /// <summary>
    /// One pass. A batch belongs to the caller until it is handed back by <see cref="LabeledBatch.Release"/>; at most two may
    /// be out at a time, and none is after the next pass has begun.
    /// </summary>
    /// <param name="shuffleSeed">The order; null for the order of the data.</param>
    /// <param name="cancellation">Ends the pass with an <see cref="OperationCanceledException"/>.</param>
    /// <param name="skip">How many batches at the beginning are passed over, unread.</param>
    public IEnumerable<LabeledBatch> Pass(int? shuffleSeed, CancellationToken cancellation, int skip = 0)
    {
        if (_resident is null)
            return FilledPass(shuffleSeed, skip, cancellation);
        var taken = PlacesTaken(skip);
        return _resident.Pass(
            _images.Order(shuffleSeed, place => taken[place]),
            _sizes.Skip(skip).Select(size => (_shard.Of(size).Count, size)).Where(batch => batch.Count > 0), cancellation);
    }

    public void Dispose()
    {
        _resident?.Dispose();
        foreach (var batch in _batches)
            batch.Dispose();
    }

    private IEnumerable<LabeledBatch> FilledPass(int? shuffleSeed, int skip, CancellationToken cancellation)
    {
        var free = new BlockingCollection<HostBatch>();
        foreach (var batch in _batches)
            batch.StartPass(free);
        if (!_fillsAhead)
        {
            foreach (var batch in Fill(shuffleSeed, skip, free, cancellation))
                yield return batch;
            yield break;
        }
        using var filled = new Prefetcher<HostBatch>("Data loader", BatchesAhead, stop => Fill(shuffleSeed, skip, free, stop), cancellation);
        while (filled.TryRead(out var batch))
            yield return batch;
    }

    private IEnumerable<HostBatch> Fill(int? shuffleSeed, int skip, BlockingCollection<HostBatch> free, CancellationToken stop)
    {
        var taken = PlacesTaken(skip);
        using var images = _images.Read(shuffleSeed, stop, place => taken[place]).GetEnumerator();
        foreach (int size in _sizes.Skip(skip))
        {
            int part = _shard.Of(size).Count;
            if (part == 0)
                continue;
            var batch = free.Take(stop);
            batch.Count = 0;
            while (batch.Count < part && images.MoveNext())
                batch.Add(images.Current, _images.Codec);
            batch.StepCount = size - part + batch.Count;
            if (batch.Count < part && _shard.Count > 1)
                throw new InvalidOperationException(
                    "An image cannot be read that could be read before, and without it the processes of this training would no longer take the " +
                    "same steps. Make the images readable for all of them and start again; a checkpoint is gone on from.");
            // There are no more: fewer can be read than could before. Batches that nobody gets are never handed back.
            if (batch.Count == 0)
                yield break;
            yield return batch;
        }
    }

    /// <summary>Which images of a pass belong to the part, by their places.</summary>
    private bool[] PlacesTaken(int skip)
    {
        var taken = new bool[_images.Count];
        int start = _sizes.Take(skip).Sum();
        foreach (int size in _sizes.Skip(skip))
        {
            var (first, count) = _shard.Of(size);
            taken.AsSpan(start + first, count).Fill(true);
            start += size;
        }
        return taken;
    }
}
