using System.Numerics;

namespace MlNet.ImageClassification;

/// <summary>
/// Takes the pixels of a resized image, lays them over the background and puts them where they belong in the upright result.
/// </summary>
internal readonly ref struct PixelTarget
{
    private readonly Span<byte> _output;
    private readonly Vector4 _background;
    private readonly int _first;
    private readonly int _stepAcross;
    private readonly int _stepDown;

    /// <param name="output">Takes red, green and blue: [height, width, 3].</param>
    /// <param name="width">The width of the output.</param>
    /// <param name="placement">Where the image lies in it.</param>
    /// <param name="background">What transparent pixels show: red, green, blue, 0 to 255.</param>
    public PixelTarget(Span<byte> output, int width, ImagePlacement placement, Vector4 background)
    {
        _output = output;
        _background = background;
        (Width, Height) = placement.SizeInFile;
        var (swapped, mirroredAcross, mirroredDown) = placement.Orientation;
        int left = placement.Left + (mirroredAcross ? placement.Width - 1 : 0);
        int top = placement.Top + (mirroredDown ? placement.Height - 1 : 0);
        int across = mirroredAcross ? -3 : 3;
        int down = mirroredDown ? -3 * width : 3 * width;
        _first = 3 * (top * width + left);
        (_stepAcross, _stepDown) = swapped ? (down, across) : (across, down);
    }

    /// <summary>The width of the resized image as it lies in its file.</summary>
    public int Width { get; }

    /// <summary>The height of the resized image as it lies in its file.</summary>
    public int Height { get; }

    /// <summary>Puts a pixel.</summary>
    /// <param name="x">Its column, as the image lies in its file.</param>
    /// <param name="y">Its row, as the image lies in its file.</param>
    /// <param name="pixel">Red, green and blue, multiplied by alpha, and alpha, each 0 to 255.</param>
    public void Set(int x, int y, Vector4 pixel)
    {
        // The cubic filter overshoots at edges, alpha too. Half is added for rounding.
        pixel.W = Math.Clamp(pixel.W, 0, 255);
        pixel = Vector4.Clamp(pixel + _background * (1 - pixel.W / 255) + new Vector4(0.5f), Vector4.Zero, new Vector4(255));
        var output = _output.Slice(_first + x * _stepAcross + y * _stepDown, 3);
        output[0] = (byte)pixel.X;
        output[1] = (byte)pixel.Y;
        output[2] = (byte)pixel.Z;
    }
}
