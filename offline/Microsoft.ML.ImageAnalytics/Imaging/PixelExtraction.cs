using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;

namespace Microsoft.ML.Transforms.Image;

/// <summary>The inner loops of ExtractPixels, one channel at a time over all pixels.</summary>
internal static class PixelExtraction
{
    private const uint LowByte = 0xFF;

    public static void ToFloats(MLImage image, ColumnOptions options, Span<float> values)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(image.Pixels);
        int channels = options.Planes.Length;
        for (int plane = 0; plane < channels; plane++)
        {
            int shift = ShiftOf(options.Planes[plane], image.PixelFormat);
            if (options.InterleavePixelColors)
                ExtractStrided(pixels, shift, values[plane..], channels, options.OffsetImage, options.ScaleImage);
            else
                Extract(pixels, shift, values.Slice(plane * pixels.Length, pixels.Length), options.OffsetImage,
                    options.ScaleImage);
        }
    }

    public static void ToBytes(MLImage image, ColumnOptions options, Span<byte> values)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(image.Pixels);
        int channels = options.Planes.Length;
        for (int plane = 0; plane < channels; plane++)
        {
            int shift = ShiftOf(options.Planes[plane], image.PixelFormat);
            if (options.InterleavePixelColors)
                ExtractStrided(pixels, shift, values[plane..], channels);
            else
                Extract(pixels, shift, values.Slice(plane * pixels.Length, pixels.Length));
        }
    }

    /// <summary>Where a channel lies in a pixel read as one little-endian number.</summary>
    private static int ShiftOf(ColorBits color, MLPixelFormat format) => color switch
    {
        ColorBits.Alpha => 24,
        ColorBits.Green => 8,
        ColorBits.Red => format == MLPixelFormat.Rgba32 ? 0 : 16,
        _ => format == MLPixelFormat.Rgba32 ? 16 : 0
    };

    private static void Extract(ReadOnlySpan<uint> pixels, int shift, Span<float> plane, float offset, float scale)
    {
        var sources = MemoryMarshal.Cast<uint, Vector<uint>>(pixels);
        var targets = MemoryMarshal.Cast<float, Vector<float>>(plane);
        var offsets = new Vector<float>(offset);
        var mask = new Vector<uint>(LowByte);
        for (int i = 0; i < sources.Length; i++)
        {
            var channel = Vector.AsVectorInt32(sources[i] >>> shift & mask);
            targets[i] = (Vector.ConvertToSingle(channel) - offsets) * scale;
        }

        int done = sources.Length * Vector<uint>.Count;
        ExtractStrided(pixels[done..], shift, plane[done..], 1, offset, scale);
    }

    private static void Extract(ReadOnlySpan<uint> pixels, int shift, Span<byte> plane)
    {
        var sources = MemoryMarshal.Cast<uint, Vector<uint>>(pixels);
        var targets = MemoryMarshal.Cast<byte, Vector<byte>>(plane);
        var mask = new Vector<uint>(LowByte);
        for (int i = 0; i < targets.Length; i++)
        {
            var low = Vector.Narrow(sources[4 * i] >>> shift & mask, sources[4 * i + 1] >>> shift & mask);
            var high = Vector.Narrow(sources[4 * i + 2] >>> shift & mask, sources[4 * i + 3] >>> shift & mask);
            targets[i] = Vector.Narrow(low, high);
        }

        int done = targets.Length * Vector<byte>.Count;
        ExtractStrided(pixels[done..], shift, plane[done..], 1);
    }

    private static void ExtractStrided(
        ReadOnlySpan<uint> pixels, int shift, Span<float> values, int stride, float offset, float scale)
    {
        for (int i = 0; i < pixels.Length; i++)
            values[i * stride] = ((byte)(pixels[i] >> shift) - offset) * scale;
    }

    private static void ExtractStrided(ReadOnlySpan<uint> pixels, int shift, Span<byte> values, int stride)
    {
        for (int i = 0; i < pixels.Length; i++)
            values[i * stride] = (byte)(pixels[i] >> shift);
    }
}
