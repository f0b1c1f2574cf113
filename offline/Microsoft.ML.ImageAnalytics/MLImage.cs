using System.Runtime.InteropServices;

namespace Microsoft.ML.Data;

/// <summary>
/// An image in memory. One that LoadImages made is decoded when its pixels are first wanted, so that resizing may ask
/// for a decode at a reduced scale; all others hold pixels from the start.
/// </summary>
public sealed class MLImage : IDisposable
{
    // What the real package asks of Skia.
    private const int JpegQuality = 100;
    private const string InvalidContents = "Invalid input stream contents";

    // Pixels (byte[]), a file to decode (EncodedImage), or null once disposed: one field, so that two readers at the
    // same time may both decode but never see half a change.
    private volatile object _content;
    private readonly int _width;
    private readonly int _height;
    private readonly MLPixelFormat _pixelFormat;
    private string _tag;

    private MLImage(object content, int width, int height, MLPixelFormat pixelFormat)
    {
        _content = content;
        _width = width;
        _height = height;
        _pixelFormat = pixelFormat;
    }

    public static MLImage CreateFromFile(string imagePath)
    {
        ArgumentNullException.ThrowIfNull(imagePath);
        // The real package's exceptions, here and below; its messages stop after the first words.
        string complaint = $"Invalid path '{imagePath}'";
        if (!File.Exists(imagePath))
            throw new ArgumentException($"{complaint}: there is no such file.", nameof(imagePath));
        return Decoded(new EncodedImage(File.ReadAllBytes(imagePath), complaint, nameof(imagePath)));
    }

    public static MLImage CreateFromStream(Stream imageStream)
    {
        ArgumentNullException.ThrowIfNull(imageStream);
        using var file = new MemoryStream();
        imageStream.CopyTo(file);
        return Decoded(new EncodedImage(file.ToArray(), InvalidContents, nameof(imageStream)));
    }

    public static MLImage CreateFromPixels(
        int width, int height, MLPixelFormat pixelFormat, ReadOnlySpan<byte> imagePixelData)
    {
        if (pixelFormat is not (MLPixelFormat.Bgra32 or MLPixelFormat.Rgba32))
            throw new ArgumentException("Unsupported pixel format", nameof(pixelFormat));
        if (width <= 0)
            throw new ArgumentException("Invalid width value.", nameof(width));
        if (height <= 0)
            throw new ArgumentException("Invalid height value.", nameof(height));
        if (imagePixelData.Length != (long)width * height * 4)
            throw new ArgumentException($"Invalid {nameof(imagePixelData)} buffer size.");
        return new MLImage(imagePixelData.ToArray(), width, height, pixelFormat);
    }

    /// <summary>Reads the file now (its header too, so that no other kind of file passes) and decodes it later.</summary>
    internal static MLImage CreateLazily(string path)
    {
        var file = new EncodedImage(File.ReadAllBytes(path), $"{InvalidContents} of '{path}'", "imageStream");
        return new MLImage(file, file.Width, file.Height, MLPixelFormat.Bgra32);
    }

    public int Width
    {
        get
        {
            ThrowIfDisposed();
            return _width;
        }
    }

    public int Height
    {
        get
        {
            ThrowIfDisposed();
            return _height;
        }
    }

    public MLPixelFormat PixelFormat
    {
        get
        {
            ThrowIfDisposed();
            return _pixelFormat;
        }
    }

    public ReadOnlySpan<byte> Pixels
    {
        get
        {
            object content = _content;
            if (content is byte[] pixels)
                return pixels;
            if (content is not EncodedImage file)
                throw Disposed();
            pixels = file.Decode();
            Interlocked.CompareExchange(ref _content, pixels, file);
            return pixels;
        }
    }

    public string Tag
    {
        get
        {
            ThrowIfDisposed();
            return _tag;
        }

        set
        {
            ThrowIfDisposed();
            _tag = value;
        }
    }

    public void Save(string imagePath)
    {
        ArgumentNullException.ThrowIfNull(imagePath);
        ThrowIfDisposed();
        string extension = Path.GetExtension(imagePath);
        byte[] file = extension.ToLowerInvariant() switch
        {
            ".jpg" or ".jpeg" => NativeCodecs.EncodeJpeg(BgraPixels(), _width, _height, JpegQuality),
            ".png" => NativeCodecs.EncodePng(WithoutPremultiplication(BgraPixels()), _width, _height),
            ".bmp" or ".gif" or ".ico" or ".webp" => throw new ArgumentException(
                $"Saving image with the format '{extension}' is not supported. Try save it with `Jpeg` or `Png` format.",
                nameof(imagePath)),
            _ => throw new ArgumentException("Path has invalid image file extension.", nameof(imagePath))
        };

        string temporary = $"{imagePath}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllBytes(temporary, file);
            File.Move(temporary, imagePath, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    public void Dispose() => _content = null;

    internal MLImage CloneWithResizing(int width, int height, ImageResizeMode mode)
    {
        ThrowIfDisposed();
        if (mode == ImageResizeMode.Fill)
            return new MLImage(NearestPixels(width, height), width, height, _pixelFormat);

        var placement = Placement.Of(_width, _height, width, height, mode);
        var (source, shrink) = PixelsAtLeast(placement.Width, placement.Height);
        var extent = ((double)_width / shrink, (double)_height / shrink);
        byte[] target = new byte[width * height * 4];
        Resampler.Draw(source, EncodedImage.Shrunk(_width, shrink), extent, placement, target, width);
        if (_pixelFormat == MLPixelFormat.Rgba32)
            SwapRedAndBlue(target);
        return new MLImage(target, width, height, MLPixelFormat.Bgra32);
    }

    private static MLImage Decoded(EncodedImage file) =>
        new(file.Decode(), file.Width, file.Height, MLPixelFormat.Bgra32);

    // A file not yet decoded is decoded small, for this one use; the image itself stays at full size.
    private (byte[] Pixels, int Shrink) PixelsAtLeast(int width, int height)
    {
        object content = _content;
        if (content is EncodedImage file)
        {
            int shrink = file.LargestShrink(width, height);
            return (file.Decode(shrink), shrink);
        }

        return ((byte[])content ?? throw Disposed(), 1);
    }

    private byte[] NearestPixels(int width, int height)
    {
        var source = MemoryMarshal.Cast<byte, uint>(Pixels);
        byte[] pixels = GC.AllocateUninitializedArray<byte>(width * height * 4);
        var target = MemoryMarshal.Cast<byte, uint>(pixels.AsSpan());
        double columnStep = (double)_width / width;
        double rowStep = (double)_height / height;
        for (int y = 0; y < height; y++)
        {
            var row = source.Slice(Nearest(y, rowStep) * _width, _width);
            for (int x = 0; x < width; x++)
                target[y * width + x] = row[Nearest(x, columnStep)];
        }

        return pixels;
    }

    // A sample on the border of two pixels takes the first of them, as Skia's do.
    private static int Nearest(int index, double step) => (int)Math.Ceiling((index + 0.5) * step) - 1;

    private byte[] BgraPixels()
    {
        byte[] pixels = Pixels.ToArray();
        if (_pixelFormat == MLPixelFormat.Rgba32)
            SwapRedAndBlue(pixels);
        return pixels;
    }

    private static void SwapRedAndBlue(Span<byte> pixels)
    {
        for (int i = 0; i < pixels.Length; i += 4)
            (pixels[i], pixels[i + 2]) = (pixels[i + 2], pixels[i]);
    }

    private static byte[] WithoutPremultiplication(byte[] pixels)
    {
        for (int i = 0; i < pixels.Length; i += 4)
        {
            int alpha = pixels[i + 3];
            if (alpha is 0 or 255)
                continue;
            for (int channel = i; channel < i + 3; channel++)
                pixels[channel] = (byte)Math.Min(255, (pixels[channel] * 255 + alpha / 2) / alpha);
        }

        return pixels;
    }

    private void ThrowIfDisposed()
    {
        if (_content is null)
            throw Disposed();
    }

    private static InvalidOperationException Disposed() => new("Object is disposed.");
}
