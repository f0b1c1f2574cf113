using System.Numerics;

namespace MlNet.ImageClassification;

/// <summary>Draws images of any size, resized and upright, as red, green and blue bytes of one size.</summary>
internal sealed class ImageCanvas(int width, int height, LoadImageFilesOptions options)
{
    private readonly ImageResampler _resampler = new(options.Interpolation);
    private readonly Vector4 _background = new(options.Background.R, options.Background.G, options.Background.B, 0);

    /// <summary>Refuses an image that would take too much memory.</summary>
    /// <exception cref="InvalidDataException">It has more pixels than the options allow.</exception>
    public void CheckSize(int fileWidth, int fileHeight)
    {
        if ((long)fileWidth * fileHeight > options.MaximumPixels)
            throw new InvalidDataException(
                $"it has {fileWidth} x {fileHeight} pixels, more than the {options.MaximumPixels} of " +
                $"{nameof(LoadImageFilesOptions.MaximumPixels)}");
    }

    /// <summary>Where an image will lie.</summary>
    /// <param name="fileWidth">Its width in its file.</param>
    /// <param name="fileHeight">Its height in its file.</param>
    /// <param name="orientation">How it lies there.</param>
    public ImagePlacement Place(int fileWidth, int fileHeight, ImageOrientation orientation) =>
        ImagePlacement.Center(fileWidth, fileHeight, orientation, width, height, options.Resizing);

    /// <summary>Draws an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="scale">Its size as a fraction of that in its file.</param>
    /// <param name="placement">Where it lies.</param>
    /// <param name="output">Room for [height, width, 3] bytes.</param>
    public void Draw(RasterImage image, double scale, ImagePlacement placement, Span<byte> output)
    {
        if (placement.Width < width || placement.Height < height)
            Pad(output);
        _resampler.Resample(image, placement.Source.Scaled(scale), new PixelTarget(output, width, placement, _background));
    }

    private void Pad(Span<byte> output)
    {
        var color = options.PaddingColor;
        for (int i = 0; i < output.Length; i += 3)
            (output[i], output[i + 1], output[i + 2]) = (color.R, color.G, color.B);
    }
}
