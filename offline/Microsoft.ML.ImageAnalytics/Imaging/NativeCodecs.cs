using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Data;

/// <summary>libjpeg-turbo and libpng, through the C ABI of offline/MLImageCodecs/codecs.h.</summary>
/// <exception cref="InvalidDataException">Every call throws this with the library's own reason.</exception>
internal static unsafe partial class NativeCodecs
{
    private const string Library = "MLImageCodecs";
    private const int ErrorCapacity = 256;

    public static (int Width, int Height) ReadJpegSize(ReadOnlySpan<byte> file)
    {
        byte* error = stackalloc byte[ErrorCapacity];
        fixed (byte* data = file)
        {
            Check(codecs_jpeg_size(data, (nuint)file.Length, out int width, out int height, error), error);
            return (width, height);
        }
    }

    public static void DecodeJpeg(ReadOnlySpan<byte> file, int shrink, int width, int height, Span<byte> bgra)
    {
        byte* error = stackalloc byte[ErrorCapacity];
        fixed (byte* data = file, pixels = bgra)
            Check(codecs_jpeg_decode(data, (nuint)file.Length, shrink, width, height, pixels, error), error);
    }

    public static void DecodePng(ReadOnlySpan<byte> file, int width, int height, Span<byte> bgra)
    {
        byte* error = stackalloc byte[ErrorCapacity];
        fixed (byte* data = file, pixels = bgra)
            Check(codecs_png_decode(data, (nuint)file.Length, width, height, pixels, error), error);
    }

    public static byte[] EncodeJpeg(ReadOnlySpan<byte> bgra, int width, int height, int quality)
    {
        byte* error = stackalloc byte[ErrorCapacity];
        fixed (byte* pixels = bgra)
        {
            Check(codecs_jpeg_encode(pixels, width, height, quality, out byte* file, out nuint size, error), error);
            return TakeOver(file, size);
        }
    }

    public static byte[] EncodePng(ReadOnlySpan<byte> straightBgra, int width, int height)
    {
        byte* error = stackalloc byte[ErrorCapacity];
        fixed (byte* pixels = straightBgra)
        {
            Check(codecs_png_encode(pixels, width, height, out byte* file, out nuint size, error), error);
            return TakeOver(file, size);
        }
    }

    private static byte[] TakeOver(byte* file, nuint size)
    {
        try
        {
            return new ReadOnlySpan<byte>(file, checked((int)size)).ToArray();
        }
        finally
        {
            codecs_free(file);
        }
    }

    private static void Check(int result, byte* error)
    {
        if (result != 0)
        {
            var message = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(error);
            throw new InvalidDataException(Encoding.UTF8.GetString(message));
        }
    }

    [LibraryImport(Library)]
    private static partial int codecs_jpeg_size(byte* file, nuint size, out int width, out int height, byte* error);

    [LibraryImport(Library)]
    private static partial int codecs_jpeg_decode(
        byte* file, nuint size, int shrink, int width, int height, byte* pixels, byte* error);

    [LibraryImport(Library)]
    private static partial int codecs_png_decode(
        byte* file, nuint size, int width, int height, byte* pixels, byte* error);

    [LibraryImport(Library)]
    private static partial int codecs_jpeg_encode(
        byte* pixels, int width, int height, int quality, out byte* file, out nuint size, byte* error);

    [LibraryImport(Library)]
    private static partial int codecs_png_encode(
        byte* pixels, int width, int height, out byte* file, out nuint size, byte* error);

    [LibraryImport(Library)]
    private static partial void codecs_free(byte* file);
}
