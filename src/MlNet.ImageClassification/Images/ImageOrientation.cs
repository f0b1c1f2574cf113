using SkiaSharp;

namespace MlNet.ImageClassification;

/// <summary>How an image lies in its file, as EXIF's orientation says: the steps that make it upright.</summary>
/// <param name="Swapped">Columns of the file are rows; done first.</param>
/// <param name="MirroredAcross">Left is right.</param>
/// <param name="MirroredDown">Top is bottom.</param>
internal readonly record struct ImageOrientation(bool Swapped, bool MirroredAcross, bool MirroredDown)
{
    public static ImageOrientation Of(SKEncodedOrigin origin) => new(
        origin >= SKEncodedOrigin.LeftTop,
        origin is SKEncodedOrigin.TopRight or SKEncodedOrigin.BottomRight or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom,
        origin is SKEncodedOrigin.BottomRight or SKEncodedOrigin.BottomLeft or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom);

    /// <summary>A size in the file as one upright, and the other way round.</summary>
    public (int Width, int Height) Turn(int width, int height) => Swapped ? (height, width) : (width, height);
}
