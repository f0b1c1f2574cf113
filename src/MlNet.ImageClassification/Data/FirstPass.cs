using System.IO.Hashing;

namespace MlNet.ImageClassification;

/// <summary>
/// What the first pass over the rows finds: the images themselves as long as they fit in memory, else only their labels and
/// ids, and what tells these rows from others.
/// </summary>
internal sealed class FirstPass
{
    // The record of an image and the header of its pixels.
    private const int RowOverhead = 80;

    private readonly ImageRowReader _reader;
    private readonly long _budget;
    private readonly TrainingLog _log;
    private readonly List<LabeledImage> _rows = [];
    private readonly XxHash64 _hash = new();
    private long _bytes;
    private bool _fits = true;

    private FirstPass(ImageRowReader reader, long budget, ChannelNormalization normalization, TrainingLog log)
    {
        (_reader, _budget, _log) = (reader, budget, log);
        Statistics = new PixelStatistics(reader.Layout, normalization);
    }

    /// <summary>Reads all rows.</summary>
    /// <param name="reader">The rows.</param>
    /// <param name="budget">The bytes that their images may take in memory.</param>
    /// <param name="normalization">What is done to the pixels before the network.</param>
    /// <param name="log">Told about images that a later pass cannot read any more.</param>
    /// <param name="cancellation">Ends the pass.</param>
    public static FirstPass Over(
        ImageRowReader reader, long budget, ChannelNormalization normalization, TrainingLog log, CancellationToken cancellation)
    {
        var pass = new FirstPass(reader, budget, normalization, log);
        foreach (var image in reader.Read(pass.LeftOut, cancellation))
            pass.Add(image);
        return pass;
    }

    public int Count => _rows.Count;

    public IReadOnlyList<int> Labels => [.. _rows.Select(row => row.Label)];

    public LeftOutRows LeftOut { get; } = new();

    /// <summary>How the values of the first images are spread.</summary>
    public PixelStatistics Statistics { get; }

    /// <summary>The bytes of the images in memory.</summary>
    public long BytesKept => _fits ? _bytes : 0;

    /// <summary>Tells one sequence of images and labels from another.</summary>
    public ulong Fingerprint => _hash.GetCurrentHashAsUInt64();

    /// <summary>Whether rows have weights of their own.</summary>
    public bool HasWeights => _reader.HasWeights;

    /// <summary>Whether a row counts, by its number among those that were not left out.</summary>
    public bool Counts(int row, ImageWeights weights) => weights.Of(_rows[row]) > 0;

    public ImageSet All() => Subset(_ => true);

    /// <summary>The images of some rows, by their numbers among those that were not left out.</summary>
    public ImageSet Subset(Func<int, bool> contains)
    {
        var chosen = _rows.Where((_, i) => contains(i)).ToArray();
        return _fits
            ? new ImageCache(_reader.Layout, _reader.Codec, chosen)
            : new StreamedImages(_reader, chosen, _budget / (_bytes / Count), _log);
    }

    private void Add(LabeledImage image)
    {
        Statistics.Add(image.Pixels, _reader.Codec);
        _hash.Append(BitConverter.GetBytes(image.Hash));
        _hash.Append(BitConverter.GetBytes(image.Label));
        if (_reader.HasWeights)
            _hash.Append(BitConverter.GetBytes(image.Weight));
        _bytes += image.Pixels.Length + RowOverhead;
        if (_fits && _bytes > _budget)
        {
            _fits = false;
            for (int i = 0; i < _rows.Count; i++)
                _rows[i] = _rows[i] with { Pixels = [] };
        }
        _rows.Add(_fits ? image : image with { Pixels = [] });
    }
}
