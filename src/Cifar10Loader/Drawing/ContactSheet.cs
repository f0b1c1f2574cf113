using Microsoft.ML;
using SkiaSharp;

namespace Cifar10Loader;

/// <summary>A table of images as one picture: a line for each class, its name at the left.</summary>
internal static class ContactSheet
{
    public const int Margin = 20;
    public const int Gap = 6;

    // Small images are shown enlarged, pixel by pixel; photos as thumbnails.
    public const int SmallImage = 48;
    public const int SmallCell = 64;
    public const int PhotoCell = 112;

    private const int TextSize = 16;
    private const string NoImages = "no images";
    private const int NameGap = 12;
    private const long MaximumPixels = 100_000_000;

    // Legible ones; the first that the system names may be for mathematics.
    private static readonly string[] Fonts = ["DejaVu Sans", "Segoe UI", "Helvetica"];

    /// <returns>The picture as a PNG file.</returns>
    /// <exception cref="ArgumentException">The picture would be too large.</exception>
    /// <exception cref="InvalidOperationException">The machine has no font.</exception>
    public static byte[] Draw(IDataView data, int imagesPerClass)
    {
        using var rows = new LabeledImageReader(data);
        List<RgbImage>[] samples = Collect(rows, imagesPerClass);
        int cell = samples.SelectMany(images => images).All(IsSmall) ? SmallCell : PhotoCell;
        int left = Margin + (int)rows.ClassNames.Max(WidthOf) + NameGap;
        int width = left + Math.Max(2, samples.Max(images => images.Count)) * (cell + Gap) - Gap + Margin;
        int height = 2 * Margin + samples.Length * (cell + Gap) - Gap;
        if ((long)width * height > MaximumPixels)
        {
            throw new ArgumentException(
                $"A contact sheet of {samples.Length} classes with {imagesPerClass} images each has {width:N0} x {height:N0} pixels; " +
                $"at most {MaximumPixels:N0} pixels are drawn. Lower imagesPerClass.", nameof(imagesPerClass));
        }

        using var surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        surface.Canvas.Clear(SKColors.White);
        for (int label = 0; label < samples.Length; label++)
            DrawClass(surface.Canvas, rows.ClassNames[label], samples[label], left, Margin + label * (cell + Gap), cell);
        using SKImage picture = surface.Snapshot();
        using SKData png = picture.Encode(SKEncodedImageFormat.Png, quality: 100);
        return png.ToArray();
    }

    private static List<RgbImage>[] Collect(LabeledImageReader rows, int imagesPerClass)
    {
        var samples = new List<RgbImage>[rows.ClassNames.Count];
        for (int label = 0; label < samples.Length; label++)
            samples[label] = [];

        for (int full = 0; full < samples.Length && rows.MoveNext();)
        {
            List<RgbImage> ofClass = samples[rows.Label];
            if (ofClass.Count == imagesPerClass)
                continue;
            RgbImage image = rows.ReadImage();
            ofClass.Add(IsSmall(image) ? image : image.CropAndResize(PhotoCell, PhotoCell));
            if (ofClass.Count == imagesPerClass)
                full++;
        }

        return samples;
    }

    private static bool IsSmall(RgbImage image) => image.Width <= SmallImage && image.Height <= SmallImage;

    private static float WidthOf(string name)
    {
        using SKPaint pen = PenFor(name);
        return pen.MeasureText(name);
    }

    private static void DrawClass(SKCanvas canvas, string name, List<RgbImage> images, int left, int top, int cell)
    {
        // Capital letters are about 0.7 of a font's size high.
        float baseline = top + cell / 2f + 0.35f * TextSize;
        using SKPaint pen = PenFor(name);
        pen.TextAlign = SKTextAlign.Right;
        canvas.DrawText(name, left - NameGap, baseline, pen);
        if (images.Count == 0)
        {
            using SKPaint note = PenFor(NoImages);
            note.Color = SKColors.Gray;
            canvas.DrawText(NoImages, left, baseline, note);
        }

        for (int i = 0; i < images.Count; i++)
        {
            using SKImage image = images[i].ToSkia();
            canvas.DrawImage(image, SKRect.Create(left + i * (cell + Gap), top, cell, cell));
        }
    }

    /// <summary>Writes in the first font that has all letters of the text; where none has, in the machine's default.</summary>
    private static SKPaint PenFor(string text)
    {
        if (SKFontManager.Default.FontFamilyCount == 0)
        {
            throw new InvalidOperationException(
                "This machine has no font to write class names with. Install one, such as the package fonts-dejavu-core.");
        }

        SKTypeface? typeface = Fonts.Concat(SKFontManager.Default.FontFamilies)
            .Select(SKFontManager.Default.MatchFamily)
            .FirstOrDefault(family => family?.ContainsGlyphs(text) == true);
        return new SKPaint { Typeface = typeface ?? SKTypeface.Default, TextSize = TextSize, IsAntialias = true };
    }
}
