namespace Cifar10Loader;

/// <summary>
/// The python version: a pickled dictionary whose 'data' is an array of N x 3,072 bytes and whose label entries are
/// lists of N numbers.
/// </summary>
internal sealed class PickledBatch : LabeledBatch
{
    private readonly PickledBytes _pixels;
    private readonly int[][] _labels;

    /// <param name="path">The pickle file.</param>
    /// <param name="labelEntries">The dictionary's entry for each label set.</param>
    /// <exception cref="InvalidDataException">The file is no such pickle, or asks for anything but plain data.</exception>
    public PickledBatch(string path, params string[] labelEntries)
        : base(path)
    {
        PickledDictionary entries = NumpyPickle.ReadDictionary(path);
        PickledArray data = entries.Get<PickledArray>("data");
        if (data.Shape.Count != 2 || data.Shape[1] != CifarFormat.PixelBytes)
        {
            throw new InvalidDataException(
                $"'{path}': 'data' has the shape [{string.Join(", ", data.Shape)}]; expected [N, {CifarFormat.PixelBytes}].");
        }

        _pixels = data.UnsignedBytes(path);
        Count = (int)data.Shape[0];
        _labels = [.. labelEntries.Select(entry => Labels(entries, entry))];
    }

    public override int Count { get; }

    public override int Label(int image, int labelSet) => _labels[labelSet][image];

    public override void CopyPixels(int image, Span<byte> destination) =>
        _pixels.CopyTo((long)image * CifarFormat.PixelBytes, destination[..CifarFormat.PixelBytes]);

    private int[] Labels(PickledDictionary entries, string entry)
    {
        List<object?> values = entries.Get<List<object?>>(entry);
        if (values.Count != Count)
        {
            throw new InvalidDataException(
                $"'{Path}': '{entry}' has {values.Count:N0} labels for {Count:N0} images.");
        }

        var labels = new int[Count];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = values[i] is long and >= 0 and <= int.MaxValue and var label
                ? (int)label
                : throw new InvalidDataException(
                    $"'{Path}': '{entry}' number {i} is {values[i] ?? "None"}; a label is a whole number from 0.");
        }

        return labels;
    }
}
