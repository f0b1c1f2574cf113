using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification.Reports;

/// <summary>Some training images, each as it is and as its augmentations may look.</summary>
/// <param name="Rows">A class, from 0, and the pictures: the image first, then its augmentations.</param>
internal sealed record TrainingSamples(IReadOnlyList<(int Label, IReadOnlyList<Picture> Pictures)> Rows)
{
    private const int ImagesShown = 8;
    private const int Augmentations = 3;

    /// <summary>Draws images by the seed; of all others no pixel is read.</summary>
    public static TrainingSamples Of(
        ITransformer model, ImageClassificationTransformer network, IDataView data, AugmentationOptions? options, int seed)
    {
        var definition = network.Definition;
        var prepared = model.Transform(data);
        var (label, _) = LabelColumn.Find(prepared.Schema, definition.LabelColumnName ?? "Label");
        var column = new ImageColumn(prepared.Schema, definition);
        var random = new Random(seed);
        var rows = Draw(prepared, random);

        var images = new List<(int Label, float[] Values)>();
        using var cursor = prepared.GetRowCursor([label, .. column.Columns]);
        var (readLabel, reader) = (LabelColumn.Reader(cursor, label), column.Read(cursor));
        for (long row = 0; images.Count < rows.Count && cursor.MoveNext(); row++)
            if (rows.Contains(row) && readLabel() is not LabelColumn.Missing and int index && TryRead(reader) is { } values)
                images.Add((index, values));
        if (images.Count == 0)
            return new TrainingSamples([]);

        float[][] pixels = [.. images.Select(image => image.Values)];
        List<IReadOnlyList<Picture?>> passes = [column.Pictures(pixels)];
        if (options is not null)
        {
            passes.AddRange(Enumerable.Range(0, Augmentations).Select(_ => column.Pictures(
                pixels, (seen, preprocessing) => Augmentation.Of(options, definition.Layout, definition.Normalization, preprocessing).Apply(seen, random))));
        }
        return new TrainingSamples([.. images.Select((image, i) => (image.Label, (IReadOnlyList<Picture>)[.. passes.Select(pass => pass[i]!)]))]);
    }

    private static HashSet<long> Draw(IDataView data, Random random)
    {
        long count = data.GetRowCount() ?? Count(data);
        var rows = new HashSet<long>();
        while (rows.Count < Math.Min(ImagesShown, count))
            rows.Add(random.NextInt64(count));
        return rows;
    }

    private static long Count(IDataView data)
    {
        using var cursor = data.GetRowCursor([]);
        long count = 0;
        while (cursor.MoveNext())
            count++;
        return count;
    }

    // An image that the training left out is not shown.
    private static float[]? TryRead(ImageColumn.Reader reader)
    {
        try
        {
            return reader.Values();
        }
        catch (Exception e) when (e is not OperationCanceledException and not OutOfMemoryException)
        {
            return null;
        }
    }
}
