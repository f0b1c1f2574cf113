namespace MlNet.ImageClassification;

/// <summary>A set of labeled images that can be walked through as often as needed.</summary>
internal abstract class ImageSet(ImageLayout layout, PixelCodec codec)
{
    public ImageLayout Layout { get; } = layout;

    public PixelCodec Codec { get; } = codec;

    /// <summary>The number of images.</summary>
    public abstract int Count { get; }

    /// <summary>One pass over the images.</summary>
    /// <param name="shuffleSeed">Draws the order, which is the same wherever the images are; null for the order of the data.</param>
    /// <param name="cancellation">Ends the pass.</param>
    /// <param name="takes">Which places of the order are read, the others passed over; null for all.</param>
    public abstract IEnumerable<LabeledImage> Read(int? shuffleSeed, CancellationToken cancellation, Func<int, bool>? takes = null);

    /// <summary>The images of a pass by their numbers in the order of the data.</summary>
    /// <inheritdoc cref="Read"/>
    public int[] Order(int? shuffleSeed, Func<int, bool>? takes)
    {
        int[] order = [.. Enumerable.Range(0, Count)];
        if (shuffleSeed is int seed)
            new Random(seed).Shuffle(order);
        return takes is null ? order : [.. order.Where((_, place) => takes(place))];
    }
}

/// <summary>Images kept in memory, packed.</summary>
internal sealed class ImageCache(ImageLayout layout, PixelCodec codec, IReadOnlyList<LabeledImage> images)
    : ImageSet(layout, codec)
{
    public override int Count => images.Count;

    /// <summary>The images, in the order of the data.</summary>
    public IReadOnlyList<LabeledImage> Images => images;

    public override IEnumerable<LabeledImage> Read(int? shuffleSeed, CancellationToken cancellation, Func<int, bool>? takes = null)
    {
        foreach (int i in Order(shuffleSeed, takes))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return images[i];
        }
    }
}
