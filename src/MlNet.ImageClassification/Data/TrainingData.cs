using System.IO.Hashing;
using Cifar10Loader;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>What a training learns from and what it is checked on.</summary>
/// <param name="Training">The images to learn from.</param>
/// <param name="Validation">The images to validate on; null for none.</param>
/// <param name="Layout">How an image lies in its column.</param>
/// <param name="ClassCount">The number of keys of the label.</param>
/// <param name="Label">The label column of the training rows.</param>
/// <param name="RowsWithoutLabel">Training rows left out because they have no label.</param>
/// <param name="BadImages">Training rows left out because of their image.</param>
/// <param name="Fingerprint">Tells these images and labels, those to validate on included, from others.</param>
/// <param name="Weights">How much each training image counts; null where all count alike.</param>
internal sealed record TrainingData(
    ImageSet Training, ImageSet? Validation, ImageLayout Layout, int ClassCount, DataViewSchema.Column Label,
    long RowsWithoutLabel, long BadImages, ulong Fingerprint, ImageWeights? Weights)
{
    private const long LargestDefaultBudget = 2L << 30;
    private const long SmallestValidationBudget = 1L << 20;

    /// <summary>
    /// Checks the columns, then reads the rows once, keeps what fits in memory and splits off the rows to validate on.
    /// </summary>
    /// <exception cref="InvalidOperationException">The columns or rows cannot be trained on; the message says what to do.</exception>
    public static TrainingData Load(IDataView data, ImageClassificationOptions options, TrainingLog log)
    {
        RequireRowsForClasses(data, options.LabelColumnName);
        var reader = new ImageRowReader(data, options.FeatureColumnName, options.LabelColumnName, options.BadImages, weightColumn: options.ExampleWeightColumnName);
        var validationReader = ValidationReader(reader, options);

        var rows = Read(reader, Budget(options), options, log);
        RequireRows(rows.Count, rows.LeftOut);
        WarnOfOneLabel(rows, reader.ClassCount, options, log);
        var (training, validation, weights) = Split(rows, reader, options);
        ulong fingerprint = rows.Fingerprint;
        if (validationReader is not null)
        {
            var validationRows = Read(
                validationReader, Math.Max(Budget(options) - rows.BytesKept, SmallestValidationBudget), options, log, OfValidationSet);
            if (validationRows.Count == 0)
                throw new InvalidOperationException(
                    $"{nameof(options.ValidationSet)} has no row with a label and a usable image.");
            // Bytes are 0 to 255 in both.
            if (!reader.Layout.IsBytes)
                WarnOfOtherPixels(rows.Statistics, validationRows.Statistics, log);
            validation = validationRows.All();
            fingerprint = Combine(fingerprint, validationRows.Fingerprint);
        }
        return new TrainingData(
            training, validation, reader.Layout, reader.ClassCount, reader.Label,
            rows.LeftOut.WithoutLabel, rows.LeftOut.BadImages, fingerprint, weights);
    }

    private static string OfValidationSet => $" of {nameof(ImageClassificationOptions.ValidationSet)}";

    private static long Budget(ImageClassificationOptions options) =>
        options.PixelMemoryMegabytes is int megabytes
            ? (long)megabytes << 20
            : Math.Min(LargestDefaultBudget, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>MapValueToKey makes a key of less than two classes of no row or one; then that is what is wrong.</summary>
    private static void RequireRowsForClasses(IDataView data, string labelColumn)
    {
        if (data.Schema.GetColumnOrNull(labelColumn)?.Type is not KeyDataViewType { Count: < 2 })
            return;
        using var cursor = data.GetRowCursor([]);
        int rows = 0;
        while (rows < 2 && cursor.MoveNext())
            rows++;
        RequireRows(rows, new LeftOutRows());
    }

    private static void RequireRows(int count, LeftOutRows leftOut)
    {
        if (count == 0)
            throw new InvalidOperationException(
                "There is no row to train on: the data " + (leftOut.WithoutLabel + leftOut.BadImages == 0
                    ? "is empty."
                    : $"has nothing but {leftOut}."));
        if (count == 1)
            throw new InvalidOperationException(
                "There is only one row to train on; batch normalization needs at least 2.");
    }

    /// <summary>The rows of <see cref="ImageClassificationOptions.ValidationSet"/>, checked as far as their columns tell.</summary>
    private static ImageRowReader? ValidationReader(ImageRowReader training, ImageClassificationOptions options)
    {
        if (options.ValidationSet is not { } data)
            return null;
        ImageRowReader reader;
        try
        {
            reader = new ImageRowReader(
                data, options.FeatureColumnName, options.LabelColumnName, options.BadImages, OfValidationSet);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException(
                $"{nameof(options.ValidationSet)} cannot be used; it must pass through the same transforms as the training data. " +
                e.Message, e);
        }
        if (reader.Layout != training.Layout)
            throw new InvalidOperationException(
                $"Column '{options.FeatureColumnName}' of {nameof(options.ValidationSet)} is {reader.Layout}, but that of " +
                $"the training data is {training.Layout}; both must pass through the same transforms.");
        if (!KeyNames.Of(reader.Label).Equals(KeyNames.Of(training.Label)) || reader.ClassCount != training.ClassCount)
            throw new InvalidOperationException(
                $"Label column '{options.LabelColumnName}' of {nameof(options.ValidationSet)} has other classes " +
                $"({Classes(reader)}) than that of the training data ({Classes(training)}). " +
                "Map both with the same fitted MapValueToKey.");
        return reader;
    }

    private static string Classes(ImageRowReader reader) =>
        KeyNames.Of(reader.Label) is var names && names == KeyNames.None
            ? $"{reader.ClassCount} keys without values"
            : names.ToString();

    private static FirstPass Read(
        ImageRowReader reader, long budget, ImageClassificationOptions options, TrainingLog log, string where = "")
    {
        var normalization = options.NormalizationFor(reader.Layout);
        var rows = FirstPass.Over(reader, budget, normalization, log, options.CancellationToken);
        if (rows.LeftOut.WithoutLabel > 0)
            log.Warning($"Left out {Quantity.Of(rows.LeftOut.WithoutLabel, "row")}{where} without a label.");
        if (rows.LeftOut.BadImages > 0)
            log.Warning($"Left out {Quantity.Of(rows.LeftOut.BadImages, "row")} with a bad image: {rows.LeftOut.DescribeBadImages()}.");

        // Bytes that are normalized by default are as they should be, however dark.
        if (rows.Statistics.IsUnusual && (options.Normalization is not null || !reader.Layout.IsBytes))
            log.Warning(
                $"The images{where}{(normalization == ChannelNormalization.None ? "" : ", normalized,")} have {rows.Statistics}; " +
                $"expected {PixelStatistics.Expected}. Check that pixels are scaled and normalized once: ExtractPixels without " +
                "scaleImage before NormalizeChannels, figures in units of the values they are applied to.");
        return rows;
    }

    private static void WarnOfOneLabel(FirstPass rows, int classCount, ImageClassificationOptions options, TrainingLog log)
    {
        if (rows.Labels.Distinct().Count() == 1)
            log.Warning(
                $"All {rows.Count} rows have the same label; the network will learn to answer nothing else " +
                $"(column '{options.LabelColumnName}' has {classCount} keys).");
    }

    private static void WarnOfOtherPixels(PixelStatistics training, PixelStatistics validation, TrainingLog log)
    {
        if (validation.DifferFrom(training))
            log.Warning(
                $"The images of {nameof(ImageClassificationOptions.ValidationSet)} have {validation}, those of the training data " +
                $"{training}; both must pass through the same transforms.");
    }

    private static (ImageSet Training, ImageSet? Validation, ImageWeights? Weights) Split(
        FirstPass rows, ImageRowReader reader, ImageClassificationOptions options)
    {
        if (options.ValidationSetFraction == 0)
            return (rows.All(), null, WeightsOf(_ => true));

        bool[] held = StratifiedDraw.HeldOut(rows.Labels, reader.ClassCount, options.ValidationSetFraction, options.Seed!.Value);
        int count = held.Count(h => h);
        if (count == 0 || rows.Count - count < 2)
            throw new InvalidOperationException(
                $"{nameof(options.ValidationSetFraction)} is {options.ValidationSetFraction}, which holds out {count} of " +
                $"{rows.Count} rows; at least 1 row must be held out and at least 2 must remain, and the only row of a class is " +
                "never held out.");
        return (rows.Subset(i => !held[i]), rows.Subset(i => held[i]), WeightsOf(i => !held[i]));

        ImageWeights? WeightsOf(Func<int, bool> isTrainedOn)
        {
            if (options.ClassWeights is null && !rows.HasWeights)
                return null;
            var labels = rows.Labels.Where((_, i) => isTrainedOn(i));
            var weights = new ImageWeights(
                options.ClassWeights?.For(KeyNames.Of(reader.Label), reader.ClassCount, labels) ?? [.. Enumerable.Repeat(1.0, reader.ClassCount)]);
            if (!Enumerable.Range(0, rows.Count).Any(i => isTrainedOn(i) && rows.Counts(i, weights)))
                throw new InvalidOperationException(
                    $"Every row to train on has the weight 0 in column '{options.ExampleWeightColumnName}'" +
                    $"{(options.ClassWeights is null ? "" : $" or in {nameof(options.ClassWeights)}")}, so that none is left to train on.");
            return weights;
        }
    }

    private static ulong Combine(ulong first, ulong second) =>
        XxHash64.HashToUInt64([.. BitConverter.GetBytes(first), .. BitConverter.GetBytes(second)]);
}
