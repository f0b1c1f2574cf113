namespace Cifar10Loader;

/// <summary>The batches of one split in order, with the class names of each label set.</summary>
internal sealed class ImageSet
{
    private readonly LabeledBatch[] _batches;

    public ImageSet(LabeledBatch[] batches, params string[][] classNames)
    {
        _batches = batches;
        ClassNames = classNames;
        Count = checked(batches.Sum(batch => batch.Count));
    }

    /// <summary>For each label set its class names; the label is an index into them.</summary>
    public IReadOnlyList<string[]> ClassNames { get; }

    public int Count { get; }

    /// <exception cref="InvalidDataException">The file gives a label without a class name.</exception>
    public int Label(int image, int labelSet)
    {
        (LabeledBatch batch, int index) = Locate(image);
        int label = batch.Label(index, labelSet);
        int classes = ClassNames[labelSet].Length;
        if (label >= classes)
        {
            throw new InvalidDataException(
                $"'{batch.Path}': image {index} has the label {label}, but there are {classes} classes (labels 0 to " +
                $"{classes - 1}). The file is damaged or belongs to another data set.");
        }

        return label;
    }

    public void CopyPixels(int image, Span<byte> destination)
    {
        (LabeledBatch batch, int index) = Locate(image);
        batch.CopyPixels(index, destination);
    }

    private (LabeledBatch Batch, int Index) Locate(int image)
    {
        foreach (LabeledBatch batch in _batches)
        {
            if (image < batch.Count)
                return (batch, image);
            image -= batch.Count;
        }

        throw new ArgumentOutOfRangeException(nameof(image));
    }
}
