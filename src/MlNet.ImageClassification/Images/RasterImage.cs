namespace MlNet.ImageClassification;

/// <summary>Decoded pixels of four bytes: three colors, multiplied by alpha, and alpha.</summary>
/// <param name="pixels">The rows, without gaps.</param>
/// <param name="width">Pixels in a row.</param>
/// <param name="isBlueFirst">The colors are in the order blue, green, red.</param>
internal readonly ref struct RasterImage(ReadOnlySpan<byte> pixels, int width, bool isBlueFirst = false)
{
    public ReadOnlySpan<byte> Pixels { get; } = pixels;

    public int Width { get; } = width;

    public int Height { get; } = pixels.Length / (4 * width);

    public bool IsBlueFirst { get; } = isBlueFirst;

    public ReadOnlySpan<byte> Row(int y, int firstPixel, int pixelCount) => Pixels.Slice(4 * (y * Width + firstPixel), 4 * pixelCount);
}
