using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>What a training learns from and what it is checked on.</summary>
internal sealed record TrainingData(
    ImageSet Training, ImageSet? Validation, ImageLayout Layout, int ClassCount, DataViewSchema.Column Label,
    long RowsWithoutLabel, long BadImages, ulong Fingerprint)
{
    private const int RowOverhead = 64;
    private const long LargestDefaultBudget = 2L << 30;

    /// <summary>Reads the rows once, keeps what fits in memory and splits off the rows to validate on.</summary>
    public static TrainingData Load(IDataView data, ImageClassificationOptions options, TrainingLog log)
    {
        long budget = Budget(options);
        var leftOut = new LeftOutRows();
        var reader = new ImageRowReader(data, options.FeatureColumnName, options.LabelColumnName, options.BadImages);
        var rows = Rows.Read(reader, budget, leftOut, options.CancellationToken);
        Report(leftOut, log);
        if (rows.Count == 0)
            throw new InvalidOperationException(
                "There is no row to train on: the data " + (leftOut.WithoutLabel + leftOut.BadImages == 0
                    ? "is empty."
                    : $"has only {leftOut.WithoutLabel} rows without a label and {leftOut.BadImages} rows with a bad image."));
        if (rows.Count == 1)
            throw new InvalidOperationException(
                "There is only one row to train on; batch normalization needs at least 2.");

        var (training, validation) = Split(rows, reader.ClassCount, options, log);
        if (options.ValidationSet is { } validationView)
            validation = LoadValidation(validationView, reader, options, budget - rows.Bytes, log);
        return new TrainingData(
            training, validation, reader.Layout, reader.ClassCount, reader.Label,
            leftOut.WithoutLabel, leftOut.BadImages, rows.Fingerprint);
    }

    private static long Budget(ImageClassificationOptions options) =>
        options.PixelMemoryMegabytes is int megabytes
            ? (long)megabytes << 20
            : Math.Min(LargestDefaultBudget, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    private static (ImageSet Training, ImageSet? Validation) Split(
        Rows rows, int classCount, ImageClassificationOptions options, TrainingLog log)
    {
        if (rows.Labels.Distinct().Count() == 1)
            log.Warning(
                $"All {rows.Count} rows have the same label; the network will learn to answer nothing else " +
                $"(column '{options.LabelColumnName}' has {classCount} keys).");
        if (options.ValidationSetFraction == 0)
            return (rows.All(), null);

        bool[] held = Stratified(rows.Labels, classCount, options.ValidationSetFraction, options.Seed!.Value);
        int count = held.Count(h => h);
        if (count == 0 || rows.Count - count < 2)
            throw new InvalidOperationException(
                $"{nameof(options.ValidationSetFraction)} is {options.ValidationSetFraction}, which holds out {count} of " +
                $"{rows.Count} rows; at least 1 row must be held out and at least 2 must remain.");
        return (rows.Subset(i => !held[i]), rows.Subset(i => held[i]));
    }

    /// <summary>Chooses the same share of every class.</summary>
    private static bool[] Stratified(IReadOnlyList<int> labels, int classCount, double fraction, int seed)
    {
        var byClass = new List<int>[classCount];
        for (int i = 0; i < labels.Count; i++)
            (byClass[labels[i]] ??= []).Add(i);

        var random = new Random(seed);
        var held = new bool[labels.Count];
        foreach (var rows in byClass)
        {
            if (rows is null)
                continue;
            var shuffled = rows.ToArray();
            random.Shuffle(shuffled);
            foreach (int row in shuffled.AsSpan(0, (int)Math.Round(rows.Count * fraction)))
                held[row] = true;
        }
        return held;
    }

    private static ImageSet LoadValidation(
        IDataView data, ImageRowReader training, ImageClassificationOptions options, long budget, TrainingLog log)
    {
        var reader = new ImageRowReader(data, options.FeatureColumnName, options.LabelColumnName, options.BadImages);
        if (reader.Layout != training.Layout)
            throw new InvalidOperationException(
                $"Column '{options.FeatureColumnName}' of {nameof(options.ValidationSet)} is {reader.Layout}, but that of " +
                $"the training data is {training.Layout}; both must pass through the same transforms.");
        if (!KeyNames.Of(reader.Label).Equals(KeyNames.Of(training.Label)) || reader.ClassCount != training.ClassCount)
            throw new InvalidOperationException(
                $"Label column '{options.LabelColumnName}' of {nameof(options.ValidationSet)} has other classes " +
                $"({Classes(reader)}) than that of the training data ({Classes(training)}). " +
                "Map both with the same fitted MapValueToKey.");

        var mine = new LeftOutRows();
        var rows = Rows.Read(reader, Math.Max(budget, 1 << 20), mine, options.CancellationToken);
        Report(mine, log, $" of {nameof(options.ValidationSet)}");
        if (rows.Count == 0)
            throw new InvalidOperationException($"{nameof(options.ValidationSet)} has no row with a label and a usable image.");
        return rows.All();
    }

    private static string Classes(ImageRowReader reader) =>
        KeyNames.Of(reader.Label) is var names && names == KeyNames.None
            ? $"{reader.ClassCount} keys without values"
            : names.ToString();

    private static void Report(LeftOutRows leftOut, TrainingLog log, string where = "")
    {
        if (leftOut.WithoutLabel > 0)
            log.Warning($"Left out {leftOut.WithoutLabel} rows{where} without a label.");
        if (leftOut.BadImages > 0)
            log.Warning($"Left out {leftOut.BadImages} rows{where} with a bad image. {leftOut.FirstBadImage}");
    }

    /// <summary>The rows of one pass: in memory as long as they fit, else only their labels and ids.</summary>
    private sealed class Rows(ImageRowReader reader, long budget)
    {
        private readonly List<LabeledImage> _images = [];
        private readonly List<int> _labels = [];
        private bool _fits = true;

        public int Count => _labels.Count;

        public IReadOnlyList<int> Labels => _labels;

        public long Bytes { get; private set; }

        /// <summary>Tells one sequence of labels from another.</summary>
        public ulong Fingerprint { get; private set; } = 14695981039346656037;

        public static Rows Read(ImageRowReader reader, long budget, LeftOutRows leftOut, CancellationToken cancellation)
        {
            var rows = new Rows(reader, budget);
            foreach (var image in reader.Read(null, leftOut, cancellation))
                rows.Add(image);
            return rows;
        }

        public ImageSet All() => Subset(_ => true);

        public ImageSet Subset(Func<int, bool> contains)
        {
            var chosen = _images.Where((_, i) => contains(i));
            return _fits
                ? new ImageCache(reader.Layout, reader.Codec, chosen.ToArray())
                : new StreamedImages(reader, chosen.Select(image => image.Id).ToHashSet(), budget);
        }

        private void Add(LabeledImage image)
        {
            if (_fits)
            {
                Bytes += image.Image.Bytes + RowOverhead;
                if (Bytes > budget)
                    DropImages();
            }
            _images.Add(_fits ? image : image with { Image = default });
            _labels.Add(image.Label);
            Fingerprint = (Fingerprint ^ (uint)image.Label) * 1099511628211;
        }

        private void DropImages()
        {
            _fits = false;
            Bytes = 0;
            for (int i = 0; i < _images.Count; i++)
                _images[i] = _images[i] with { Image = default };
        }
    }
}
