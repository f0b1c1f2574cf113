using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>
/// Draws a heat map over its image, in colors from blue (0) over cyan, yellow and red to dark red (1). Of an image with three
/// channels or more the first are taken for red, green and blue, of another the first for grey. Floats, which a pipeline may have
/// normalized, are stretched so that the lowest is black and the highest white.
/// </summary>
internal static class HeatMapOverlay
{
    private const int BytesPerPixel = 4;

    /// <summary>Draws an image.</summary>
    /// <param name="image">Its values, as an <see cref="ImageBatch"/> holds them.</param>
    /// <param name="layout">How they lie.</param>
    /// <param name="heat">The heat of each pixel, row by row, 0 to 1.</param>
    /// <param name="opacity">How strongly the colors cover the image, 0 to 1.</param>
    public static MLImage Draw(ReadOnlySpan<byte> image, ImageLayout layout, ReadOnlySpan<float> heat, double opacity)
    {
        var shape = layout.Shape;
        ReadOnlySpan<byte> values = layout.IsBytes ? image : Stretched(MemoryMarshal.Cast<byte, float>(image));
        var pixels = new byte[BytesPerPixel * heat.Length];
        for (int color = 0; color < 3; color++)
        {
            (int start, _, int step) = layout.Channel(shape.Channels >= 3 ? color : 0);
            for (int i = 0; i < heat.Length; i++)
            {
                double covered = (1 - opacity) * values[start + i * step] + opacity * byte.MaxValue * Intensity(heat[i], color);
                pixels[BytesPerPixel * i + color] = (byte)Math.Round(covered);
            }
        }
        for (int i = BytesPerPixel - 1; i < pixels.Length; i += BytesPerPixel)
            pixels[i] = byte.MaxValue;
        return MLImage.CreateFromPixels(shape.Width, shape.Height, MLPixelFormat.Rgba32, pixels);
    }

    // The colors of the paper's figures ("jet"): each of red, green and blue rises and falls around a place of its own.
    private static double Intensity(double heat, int color) => Math.Clamp(1.5 - Math.Abs(4 * heat - (3 - color)), 0, 1);

    private static byte[] Stretched(ReadOnlySpan<float> values)
    {
        float lowest = TensorPrimitives.Min(values);
        double range = Math.Max(TensorPrimitives.Max(values) - (double)lowest, double.Epsilon);
        var bytes = new byte[values.Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)Math.Round(byte.MaxValue * (values[i] - (double)lowest) / range);
        return bytes;
    }
}
