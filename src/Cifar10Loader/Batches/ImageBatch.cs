namespace Cifar10Loader;

/// <summary>One file of labeled 32x32 RGB images, read in place. Safe to read from several threads.</summary>
internal abstract class LabeledBatch(string path)
{
    public string Path { get; } = path;

    public abstract int Count { get; }

    /// <summary>
    /// The zero-based class number as the file gives it, unchecked. <paramref name="labelSet"/> tells the label sets
    /// of one file apart, in the file's own order (CIFAR-100: 0 coarse, 1 fine).
    /// </summary>
    public abstract int Label(int image, int labelSet);

    /// <summary>Copies the red, the green and the blue plane, each row by row: 3,072 bytes.</summary>
    public abstract void CopyPixels(int image, Span<byte> destination);
}
