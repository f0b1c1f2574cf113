using Microsoft.ML.Transforms.Image;

namespace MlNet.ImageClassification;

/// <summary>A part of an image, in pixels; its borders may lie between pixels.</summary>
internal readonly record struct ImagePart(double Left, double Top, double Width, double Height)
{
    /// <summary>The same part of the image at another size.</summary>
    public ImagePart Scaled(double scale) => new(Left * scale, Top * scale, Width * scale, Height * scale);
}

/// <summary>Which part of an image is shown, and where in the result.</summary>
/// <param name="Source">The part that is shown, as the image lies in its file.</param>
/// <param name="Left">Where it begins in the upright result.</param>
/// <param name="Top">Where it begins in the upright result.</param>
/// <param name="Width">Its width in the upright result.</param>
/// <param name="Height">Its height in the upright result.</param>
/// <param name="Orientation">How the image lies in its file.</param>
internal readonly record struct ImagePlacement(
    ImagePart Source, int Left, int Top, int Width, int Height, ImageOrientation Orientation)
{
    /// <summary>The size it is shown at, as the image lies in its file.</summary>
    public (int Width, int Height) SizeInFile => Orientation.Turn(Width, Height);

    /// <summary>Centers an image in a result.</summary>
    /// <param name="fileWidth">The image's width in its file.</param>
    /// <param name="fileHeight">The image's height in its file.</param>
    /// <param name="orientation">How it lies there.</param>
    /// <param name="width">The width of the result.</param>
    /// <param name="height">The height of the result.</param>
    /// <param name="resizing">What is done about another aspect ratio.</param>
    public static ImagePlacement Center(
        int fileWidth, int fileHeight, ImageOrientation orientation, int width, int height, ImageResizingEstimator.ResizingKind resizing)
    {
        var (uprightWidth, uprightHeight) = orientation.Turn(fileWidth, fileHeight);
        double across = (double)width / uprightWidth, down = (double)height / uprightHeight;
        var whole = new ImagePart(0, 0, fileWidth, fileHeight);
        switch (resizing)
        {
            case ImageResizingEstimator.ResizingKind.IsoCrop:
                double scale = Math.Max(across, down);
                var (targetWidth, targetHeight) = orientation.Turn(width, height);
                double partWidth = Math.Min(fileWidth, targetWidth / scale), partHeight = Math.Min(fileHeight, targetHeight / scale);
                var part = new ImagePart((fileWidth - partWidth) / 2, (fileHeight - partHeight) / 2, partWidth, partHeight);
                return new ImagePlacement(part, 0, 0, width, height, orientation);
            case ImageResizingEstimator.ResizingKind.IsoPad:
                int shownWidth = Shown(uprightWidth, width), shownHeight = Shown(uprightHeight, height);
                return new ImagePlacement(
                    whole, (width - shownWidth) / 2, (height - shownHeight) / 2, shownWidth, shownHeight, orientation);
            default:
                return new ImagePlacement(whole, 0, 0, width, height, orientation);
        }

        int Shown(int length, int room) => Math.Clamp((int)Math.Round(length * Math.Min(across, down)), 1, room);
    }
}
