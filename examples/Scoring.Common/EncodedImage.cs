using Microsoft.ML.Data;
using SkiaSharp;

namespace ImageScoring;

/// <summary>An image file in memory, of anyone's making.</summary>
internal static class EncodedImage
{
    private const string WhatIsRead = "JPEG, PNG, GIF, WebP, BMP, ICO";

    /// <summary>Looks at the header alone: nothing is decoded, and no memory is taken for pixels.</summary>
    /// <param name="file">The file.</param>
    /// <param name="maximumPixels">The most pixels that are decoded.</param>
    /// <exception cref="InvalidDataException">It is no image, or one of more pixels.</exception>
    public static void CheckHeader(byte[] file, long maximumPixels)
    {
        using var data = Data(file);
        using var codec = Open(data);
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > maximumPixels)
            throw new InvalidDataException($"It is {width:N0} x {height:N0} pixels; at most {maximumPixels:N0} pixels in all are accepted.");
    }

    /// <summary>Decodes a file as ML.NET's LoadImages does, but refuses one that is cut off.</summary>
    /// <exception cref="InvalidDataException">It cannot be decoded.</exception>
    public static MLImage Decode(byte[] file)
    {
        using var data = Data(file);
        using var codec = Open(data);
        var alpha = codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Premul;
        using var bitmap = new SKBitmap(new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, alpha));
        return codec.GetPixels(bitmap.Info, bitmap.GetPixels()) switch
        {
            SKCodecResult.Success => MLImage.CreateFromPixels(bitmap.Width, bitmap.Height, MLPixelFormat.Rgba32, bitmap.GetPixelSpan()),
            SKCodecResult.IncompleteInput => throw new InvalidDataException("It is cut off: the end of its pixels is missing."),
            var result => throw new InvalidDataException($"Its pixels cannot be decoded, as the file is damaged or cut off ({result})."),
        };
    }

    /// <summary>An image of four channels, red first, as a PNG file.</summary>
    public static byte[] Png(MLImage image)
    {
        using var pixels = SKImage.FromPixelCopy(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque), image.Pixels);
        using var file = pixels.Encode(SKEncodedImageFormat.Png, 100);
        return file.ToArray();
    }

    /// <summary>A reason as a sentence of its own.</summary>
    public static string Sentence(Exception e) => $"{char.ToUpperInvariant(e.Message[0])}{e.Message[1..].TrimEnd('.')}.";

    private static SKData Data(byte[] file) =>
        file.Length > 0 ? SKData.CreateCopy(file) : throw new InvalidDataException("It is empty (0 bytes).");

    private static SKCodec Open(SKData data) => SKCodec.Create(data) ?? throw new InvalidDataException(
        $"It is in no format that can be read ({WhatIsRead}), or its header is damaged or cut off.");
}
