using System.Globalization;
using System.Net;
using System.Text;
using CifarExamples;
using Microsoft.ML.Data;

namespace ShuffleNetOnCifar10;

/// <summary>Images in two rows of eight as one SVG picture: under each what was predicted, how surely, and what is true.</summary>
internal static class PredictionPicture
{
    public const int Columns = 8;
    public const int Images = 2 * Columns;

    private const int Margin = 28;
    private const int Side = 128;
    private const int CellWidth = 160;
    private const int LineHeight = 20;
    private const int RowGap = 28;
    private const int CellHeight = Side + 3 * LineHeight + RowGap;
    private const int Top = 112;
    private const int ImageInset = (CellWidth - Side) / 2;
    private const int FrameInset = 2;

    // Longer class names would run into the next image's.
    private const int LongestName = 11;

    public static void Write(string path, string caption, IReadOnlyList<(LabeledImage Image, Prediction Prediction)> predictions)
    {
        string unfinished = path + ".unfinished";
        File.WriteAllText(unfinished, Draw(caption, predictions));
        File.Move(unfinished, path, overwrite: true);
    }

    private static string Draw(string caption, IReadOnlyList<(LabeledImage Image, Prediction Prediction)> predictions)
    {
        int width = Columns * CellWidth + 2 * Margin;
        int textLeft = Margin + ImageInset - 2 * FrameInset;
        int rows = (predictions.Count + Columns - 1) / Columns;
        int height = Top + rows * CellHeight - RowGap + Margin;
        int right = predictions.Count(p => IsRight(p.Image, p.Prediction));

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $$"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{width}} {{height}}" width="{{width}}" height="{{height}}" font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif">
            <style>
            text{font-size:13px;fill:#444} .cell text{text-anchor:middle} .title{font-size:20px;font-weight:bold;fill:#111}
            .predicted,.verdict{font-weight:bold} .right text.predicted,.right text.verdict{fill:#14692f} .wrong text.predicted,.wrong text.verdict{fill:#b3261e}
            rect.frame{fill:none;stroke-width:4} .right rect.frame{stroke:#14692f} .wrong rect.frame{stroke:#b3261e} image.small{image-rendering:pixelated}
            </style>
            <rect width="100%" height="100%" fill="#fff"/>
            <text class="title" x="{{textLeft}}" y="42">{{right}} of {{predictions.Count}} test images predicted right</text>
            <text x="{{textLeft}}" y="66">{{WebUtility.HtmlEncode(caption)}}</text>
            <text x="{{textLeft}}" y="86">Under each image: the predicted class with its probability, the true class, and whether the prediction is right.</text>

            """);
        for (int i = 0; i < predictions.Count; i++)
            DrawCell(svg, predictions[i].Image, predictions[i].Prediction, Margin + i % Columns * CellWidth, Top + i / Columns * CellHeight);
        return svg.Append("</svg>\n").ToString();
    }

    private static void DrawCell(StringBuilder svg, LabeledImage image, Prediction prediction, int left, int top)
    {
        string verdict = IsRight(image, prediction) ? "right" : "wrong";
        int middle = left + CellWidth / 2;
        int imageLeft = left + ImageInset;
        int line = top + Side + LineHeight + 2;
        svg.Append(CultureInfo.InvariantCulture, $"""
            <g class="cell {verdict}">
            <image{(IsSmall(image.ImagePath) ? " class=\"small\"" : "")} x="{imageLeft}" y="{top}" width="{Side}" height="{Side}" preserveAspectRatio="xMidYMid slice" href="{DataUri(image.ImagePath)}"/>
            <rect class="frame" x="{imageLeft - FrameInset}" y="{top - FrameInset}" width="{Side + 2 * FrameInset}" height="{Side + 2 * FrameInset}"/>
            <text class="predicted" x="{middle}" y="{line}">{Name(prediction.PredictedClass)} {prediction.Score.Max():P1}</text>
            <text class="truth" x="{middle}" y="{line + LineHeight}">truth: {Name(image.ClassName)}</text>
            <text class="verdict" x="{middle}" y="{line + 2 * LineHeight}">{verdict}</text>
            </g>

            """);
    }

    private static bool IsRight(LabeledImage image, Prediction prediction) => prediction.PredictedClass == image.ClassName;

    private static string Name(string className) =>
        WebUtility.HtmlEncode(className.Length <= LongestName ? className : className[..(LongestName - 1)] + "…");

    /// <summary>Small images are enlarged pixel by pixel; photos are scaled smoothly.</summary>
    private static bool IsSmall(string path)
    {
        using var image = MLImage.CreateFromFile(path);
        return Math.Min(image.Width, image.Height) < Side;
    }

    /// <summary>The file as it is: what the model was given, and no file beside the picture is needed to show it.</summary>
    private static string DataUri(string path)
    {
        string type = Path.GetExtension(path).ToLowerInvariant() switch { ".png" => "png", ".bmp" => "bmp", _ => "jpeg" };
        return $"data:image/{type};base64,{Convert.ToBase64String(File.ReadAllBytes(path))}";
    }
}
