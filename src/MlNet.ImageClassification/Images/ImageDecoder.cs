using System.Runtime.InteropServices;
using SkiaSharp;

namespace MlNet.ImageClassification;

/// <summary>Decodes image files in memory and draws them.</summary>
internal sealed class ImageDecoder(ImageCanvas canvas)
{
    // Where a JPEG is decoded smaller, this many times the size it is shown at is left for the filter.
    private const int SizeForFilter = 2;

    // A larger buffer is not kept for the next image.
    private const int LargestKept = 1 << 26;

    // The codec reads from one and writes to the other where they lie.
    private byte[] _file = [];
    private byte[] _pixels = [];

    /// <summary>Room for a file; the next one takes it again.</summary>
    public Span<byte> Room(int length) => Grow(ref _file, length).AsSpan(0, length);

    /// <summary>Draws the file in the room.</summary>
    /// <param name="length">Its length.</param>
    /// <param name="output">Room for the canvas's bytes.</param>
    /// <exception cref="InvalidDataException">It is no image that can be used; the message says why.</exception>
    public void Draw(int length, Span<byte> output)
    {
        if (length == 0)
            throw new InvalidDataException("it is empty (0 bytes)");
        using var data = SKData.Create(Marshal.UnsafeAddrOfPinnedArrayElement(_file, 0), length);
        using var codec = SKCodec.Create(data) ?? throw new InvalidDataException(
            "it is in no format that can be read (JPEG, PNG, GIF, WebP, BMP, ICO), or its header is damaged or cut off");

        var full = codec.Info;
        canvas.CheckSize(full.Width, full.Height);
        var placement = canvas.Place(full.Width, full.Height, ImageOrientation.Of(codec.EncodedOrigin));
        double scale = Scale(codec, placement);
        var size = scale == 1 ? full.Size : codec.GetScaledDimensions((float)scale);
        var image = Decode(codec, full.WithSize(size.Width, size.Height));
        canvas.Draw(image, scale, placement, output);
        if (_pixels.Length > LargestKept)
            _pixels = [];
    }

    // A JPEG is made of blocks of 8 x 8 waves; left without the shortest ones, they are smaller blocks and quicker to make.
    private static double Scale(SKCodec codec, ImagePlacement placement)
    {
        if (codec.EncodedFormat != SKEncodedImageFormat.Jpeg)
            return 1;
        var (width, height) = placement.SizeInFile;
        double needed = SizeForFilter * Math.Max(width / placement.Source.Width, height / placement.Source.Height);
        return Math.Min(1, Math.Ceiling(8 * needed) / 8);
    }

    private RasterImage Decode(SKCodec codec, SKImageInfo stored)
    {
        // Without a space of colors, values stay as they are stored.
        var alpha = stored.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Premul;
        var info = new SKImageInfo(stored.Width, stored.Height, SKColorType.Rgba8888, alpha);
        if (info.BytesSize64 > Array.MaxLength)
            throw new InvalidDataException($"its {info.Width} x {info.Height} pixels are more than fit in memory at once");
        Grow(ref _pixels, info.BytesSize);
        return codec.GetPixels(info, Marshal.UnsafeAddrOfPinnedArrayElement(_pixels, 0)) switch
        {
            SKCodecResult.Success => new RasterImage(_pixels.AsSpan(0, info.BytesSize), info.Width),
            SKCodecResult.IncompleteInput => throw new InvalidDataException("it is cut off: the end of its pixels is missing"),
            var result => throw new InvalidDataException(
                $"its pixels cannot be decoded, as the file is damaged or cut off ({result})"),
        };
    }

    private static byte[] Grow(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        return buffer;
    }
}
