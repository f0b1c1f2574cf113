namespace MlNet.ImageClassification.Reports;

/// <summary>A picture inside the page.</summary>
internal static class Thumbnail
{
    private const int LongestSide = 128;

    // Below that PNG is no larger, and the pixels are to be seen as they are.
    private const int Small = 64;

    public static Markup Of(Picture picture, string description)
    {
        var small = picture.ShrinkTo(LongestSide);
        bool isTiny = Math.Max(small.Width, small.Height) <= Small;
        string data = Convert.ToBase64String(isTiny ? small.EncodePng() : small.EncodeJpeg());
        return new Html().Add(
            $"<img{new Markup(isTiny ? " class=\"tiny\"" : "")} src=\"data:image/{(isTiny ? "png" : "jpeg")};base64,{new Markup(data)}\" width=\"{small.Width}\" height=\"{small.Height}\" alt=\"{description}\">")
            .ToMarkup();
    }
}
