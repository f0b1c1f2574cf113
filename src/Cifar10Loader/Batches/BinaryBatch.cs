namespace Cifar10Loader;

/// <summary>
/// The binary version: records of one byte per label set, then 3,072 pixel bytes. CIFAR-10 has one label set,
/// CIFAR-100 two (coarse, then fine).
/// </summary>
internal sealed class BinaryBatch : LabeledBatch
{
    private readonly MappedFile _file;
    private readonly int _labelSets;
    private readonly int _recordBytes;

    /// <exception cref="InvalidDataException">The file is empty or does not hold whole records.</exception>
    public BinaryBatch(string path, int labelSets)
        : base(path)
    {
        _file = MappedFile.Open(path);
        _labelSets = labelSets;
        _recordBytes = labelSets + CifarFormat.PixelBytes;
        if (_file.Length % _recordBytes != 0)
        {
            throw new InvalidDataException(
                $"'{path}' is truncated or no CIFAR batch: it has {_file.Length:N0} bytes, which is not a whole number " +
                $"of records of {_recordBytes:N0} bytes. Fetch the file again.");
        }

        Count = checked((int)(_file.Length / _recordBytes));
    }

    public override int Count { get; }

    public override int Label(int image, int labelSet) => _file[(long)image * _recordBytes + labelSet];

    public override void CopyPixels(int image, Span<byte> destination) =>
        _file.CopyTo((long)image * _recordBytes + _labelSets, destination[..CifarFormat.PixelBytes]);
}
