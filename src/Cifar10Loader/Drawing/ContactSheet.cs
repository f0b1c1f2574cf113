using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.ML;

namespace Cifar10Loader;

/// <summary>A table of images as one SVG picture: a line for each class, its name at the left.</summary>
internal static class ContactSheet
{
    private const int Margin = 20;
    private const int Gap = 6;
    private const int CharacterWidth = 9;

    // Small images are shown enlarged, pixel by pixel; photos as thumbnails.
    private const int SmallImage = 48;
    private const int SmallCell = 64;
    private const int PhotoCell = 112;

    public static string Draw(IDataView data, int imagesPerClass)
    {
        using var rows = new LabelledImageReader(data);
        List<RgbImage>[] samples = Collect(rows, imagesPerClass);
        return Draw(rows.ClassNames, samples);
    }

    public static string Page(string svg) =>
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Samples</title>" +
        "<style>body{margin:0;background:#fff}</style></head>\n" +
        $"<body>\n{svg}</body>\n</html>\n";

    private static List<RgbImage>[] Collect(LabelledImageReader rows, int imagesPerClass)
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

    private static string Draw(IReadOnlyList<string> classNames, List<RgbImage>[] samples)
    {
        int cell = samples.SelectMany(images => images).All(IsSmall) ? SmallCell : PhotoCell;
        int columns = Math.Max(1, samples.Max(images => images.Count));
        int nameWidth = Math.Max(60, classNames.Max(name => name.Length) * CharacterWidth);
        int left = Margin + nameWidth + 12;
        int width = left + columns * (cell + Gap) - Gap + Margin;
        int height = 2 * Margin + classNames.Count * (cell + Gap) - Gap;

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif">
            <style>text{"{"}font-size:15px;fill:#222;text-anchor:end;dominant-baseline:central{"}"}text.none{"{"}text-anchor:start;fill:#888;font-style:italic{"}"}image.small{"{"}image-rendering:pixelated{"}"}</style>
            <rect width="100%" height="100%" fill="#fff"/>

            """);
        for (int label = 0; label < samples.Length; label++)
        {
            int top = Margin + label * (cell + Gap);
            DrawClass(svg, classNames[label], samples[label], left, top, cell);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void DrawClass(StringBuilder svg, string name, List<RgbImage> images, int left, int top, int cell)
    {
        int middle = top + cell / 2;
        string text = WebUtility.HtmlEncode(name);
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{left - 12}\" y=\"{middle}\">{text}</text>\n");
        if (images.Count == 0)
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"none\" x=\"{left}\" y=\"{middle}\">no images</text>\n");
        for (int i = 0; i < images.Count; i++)
        {
            string kind = IsSmall(images[i]) ? " class=\"small\"" : "";
            string png = Convert.ToBase64String(PngEncoder.Encode(images[i]));
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<image{kind} x=\"{left + i * (cell + Gap)}\" y=\"{top}\" width=\"{cell}\" height=\"{cell}\" " +
                $"href=\"data:image/png;base64,{png}\"><title>{text}</title></image>\n");
        }
    }
}
