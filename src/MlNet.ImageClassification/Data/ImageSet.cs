using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>A set of labeled images that can be walked through as often as needed.</summary>
internal abstract class ImageSet(ImageLayout layout, PixelCodec codec)
{
    public ImageLayout Layout { get; } = layout;

    public PixelCodec Codec { get; } = codec;

    /// <summary>The number of images.</summary>
    public abstract int Count { get; }

    /// <summary>One pass over the images.</summary>
    /// <param name="shuffleSeed">The order; null for the order of the data.</param>
    /// <param name="cancellation">Ends the pass.</param>
    public abstract IEnumerable<LabeledImage> Read(int? shuffleSeed, CancellationToken cancellation);
}

/// <summary>Images kept in memory, packed.</summary>
internal sealed class ImageCache(ImageLayout layout, PixelCodec codec, IReadOnlyList<LabeledImage> images)
    : ImageSet(layout, codec)
{
    public override int Count => images.Count;

    public override IEnumerable<LabeledImage> Read(int? shuffleSeed, CancellationToken cancellation)
    {
        var order = new int[images.Count];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        if (shuffleSeed is int seed)
            new Random(seed).Shuffle(order);
        foreach (int i in order)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return images[i];
        }
    }
}

/// <summary>Images that do not fit in memory: read again in each pass, shuffled in a pool.</summary>
internal sealed class StreamedImages(ImageRowReader reader, IReadOnlySet<DataViewRowId> rows, long poolBytes)
    : ImageSet(reader.Layout, reader.Codec)
{
    public override int Count => rows.Count;

    public override IEnumerable<LabeledImage> Read(int? shuffleSeed, CancellationToken cancellation)
    {
        if (shuffleSeed is not int seed)
            return Mine(null, cancellation);
        var random = new Random(seed);
        return Shuffle(Mine(reader.CanShuffle ? random : null, cancellation), random);
    }

    private IEnumerable<LabeledImage> Mine(Random? rand, CancellationToken cancellation) =>
        reader.Read(rand, new LeftOutRows(), cancellation).Where(image => rows.Contains(image.Id));

    // Fills a pool, then lets a random image out for each that comes in.
    private IEnumerable<LabeledImage> Shuffle(IEnumerable<LabeledImage> images, Random random)
    {
        var pool = new List<LabeledImage>();
        long bytes = 0;
        foreach (var image in images)
        {
            if (pool.Count > 0 && bytes + image.Image.Bytes > poolBytes)
            {
                int i = random.Next(pool.Count);
                bytes -= pool[i].Image.Bytes;
                yield return pool[i];
                pool[i] = image;
            }
            else
            {
                pool.Add(image);
            }
            bytes += image.Image.Bytes;
        }
        for (int last = pool.Count - 1; last >= 0; last--)
        {
            int i = random.Next(last + 1);
            yield return pool[i];
            pool[i] = pool[last];
        }
    }
}
