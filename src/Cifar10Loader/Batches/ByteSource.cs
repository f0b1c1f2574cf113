namespace Cifar10Loader;

/// <summary>The bytes of a file, wherever they are kept.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="length">How many bytes there are.</param>
internal abstract class ByteSource(string path, long length)
{
    public string Path { get; } = path;

    public long Length { get; } = length;

    /// <exception cref="InvalidDataException">There is no such byte.</exception>
    public abstract byte this[long offset] { get; }

    /// <summary>Copies from an offset on, as many bytes as the destination takes.</summary>
    /// <exception cref="InvalidDataException">There are not so many.</exception>
    public abstract void CopyTo(long offset, Span<byte> destination);

    protected void CheckRange(long offset, long count)
    {
        if (offset < 0 || count > Length - offset)
        {
            throw new InvalidDataException(
                $"'{Path}' ends too early: {count:N0} bytes were expected at byte {offset:N0}, the file has {Length:N0}.");
        }
    }
}
