using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Data;

/// <summary>
/// Draws an image into a rectangle of another one with Mitchell's cubic filter, which grows with the reduction so that
/// small copies of large images do not alias. Enlarging gives the numbers of the usual four by four cubic.
/// </summary>
internal static class Resampler
{
    /// <param name="source">Rows of four-byte pixels, premultiplied, alpha last.</param>
    /// <param name="sourceWidth">Pixels in a row of <paramref name="source"/>.</param>
    /// <param name="extent">The part of the source that fills <paramref name="placement"/>, from its top left corner; in
    /// fractions of a pixel because a reduced copy of an image may end within its last pixel.</param>
    /// <param name="placement">Where the source comes to lie; may reach beyond the target.</param>
    /// <param name="target">Receives opaque pixels inside the placement and is left alone outside.</param>
    /// <param name="targetWidth">Pixels in a row of <paramref name="target"/>.</param>
    public static void Draw(ReadOnlySpan<byte> source, int sourceWidth, (double Width, double Height) extent,
        Placement placement, Span<byte> target, int targetWidth)
    {
        int sourceHeight = source.Length / 4 / sourceWidth;
        int targetHeight = target.Length / 4 / targetWidth;
        var columns = new Taps(placement.X, placement.Width, targetWidth, sourceWidth, extent.Width);
        var rows = new Taps(placement.Y, placement.Height, targetHeight, sourceHeight, extent.Height);
        if (columns.Count == 0 || rows.Count == 0)
            return;

        int firstRow = rows.Start[0];
        int rowCount = rows.Start[^1] + rows.Length - firstRow;
        int stride = columns.Count * 4;
        float[] narrowed = ArrayPool<float>.Shared.Rent((rowCount + 1) * stride);
        var sum = narrowed.AsSpan(rowCount * stride, stride);
        for (int y = 0; y < rowCount; y++)
        {
            var row = source.Slice((firstRow + y) * sourceWidth * 4, sourceWidth * 4);
            FilterRow(row, columns, narrowed.AsSpan(y * stride, stride));
        }

        for (int y = 0; y < rows.Count; y++)
        {
            sum.Clear();
            for (int tap = 0; tap < rows.Length; tap++)
            {
                int row = rows.Start[y] - firstRow + tap;
                AddScaled(narrowed.AsSpan(row * stride, stride), rows.Weights[y * rows.Length + tap], sum);
            }

            int begin = ((rows.First + y) * targetWidth + columns.First) * 4;
            StoreOpaque(sum, target.Slice(begin, stride));
        }

        ArrayPool<float>.Shared.Return(narrowed);
    }

    private static void FilterRow(ReadOnlySpan<byte> row, Taps columns, Span<float> result)
    {
        var pixels = MemoryMarshal.Cast<byte, uint>(row);
        var sums = MemoryMarshal.Cast<float, Vector128<float>>(result);
        for (int x = 0; x < columns.Count; x++)
        {
            var taps = pixels.Slice(columns.Start[x], columns.Length);
            var weights = columns.Weights.AsSpan(x * columns.Length, columns.Length);
            var sum = Vector128<float>.Zero;
            for (int tap = 0; tap < taps.Length; tap++)
                sum += Channels(taps[tap]) * weights[tap];
            sums[x] = sum;
        }
    }

    private static Vector128<float> Channels(uint pixel)
    {
        var words = Vector128.WidenLower(Vector128.CreateScalar(pixel).AsByte());
        return Vector128.ConvertToSingle(Vector128.WidenLower(words).AsInt32());
    }

    private static void AddScaled(ReadOnlySpan<float> row, float weight, Span<float> sum)
    {
        var rowVectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        var sumVectors = MemoryMarshal.Cast<float, Vector<float>>(sum);
        for (int i = 0; i < sumVectors.Length; i++)
            sumVectors[i] += rowVectors[i] * weight;
        for (int i = sumVectors.Length * Vector<float>.Count; i < sum.Length; i++)
            sum[i] += row[i] * weight;
    }

    // The filter overshoots at edges; a premultiplied colour is never above its alpha. What shines through is black.
    private static void StoreOpaque(ReadOnlySpan<float> sum, Span<byte> target)
    {
        var sums = MemoryMarshal.Cast<float, Vector128<float>>(sum);
        var pixels = MemoryMarshal.Cast<byte, uint>(target);
        for (int x = 0; x < pixels.Length; x++)
        {
            var alpha = Vector128.Create(Math.Min(sums[x][3], 255f));
            var color = Vector128.Max(Vector128.Min(sums[x], alpha), Vector128<float>.Zero);
            var rounded = Vector128.ConvertToInt32(color + Vector128.Create(0.5f));
            var words = Vector128.Narrow(rounded, rounded);
            pixels[x] = Vector128.Narrow(words, words).AsUInt32()[0] | 0xFF000000;
        }
    }

    /// <summary>Which source pixels make each target pixel of one axis, and how much each counts.</summary>
    private sealed class Taps
    {
        public readonly int First;
        public readonly int Count;
        public readonly int Length;
        public readonly int[] Start;
        public readonly float[] Weights;

        public Taps(int offset, int size, int targetSize, int sourceSize, double extent)
        {
            First = Math.Max(0, offset);
            Count = Math.Max(0, Math.Min(targetSize, offset + size) - First);
            double step = extent / size;
            double reduction = Math.Max(1, step);
            Length = Math.Min(sourceSize, (int)Math.Ceiling(4 * reduction) + 1);
            Start = new int[Count];
            Weights = new float[Count * Length];

            for (int i = 0; i < Count; i++)
            {
                double center = (First - offset + i + 0.5) * step;
                int from = (int)Math.Floor(center - 2 * reduction);
                int to = (int)Math.Ceiling(center + 2 * reduction);
                Start[i] = Math.Clamp(from, 0, sourceSize - Length);

                double total = 0;
                for (int pixel = from; pixel < to; pixel++)
                    total += Mitchell((pixel + 0.5 - center) / reduction);
                // Beyond the border the nearest pixel repeats.
                for (int pixel = from; pixel < to; pixel++)
                {
                    int tap = Math.Clamp(pixel, 0, sourceSize - 1) - Start[i];
                    Weights[i * Length + tap] += (float)(Mitchell((pixel + 0.5 - center) / reduction) / total);
                }
            }
        }

        private static double Mitchell(double x)
        {
            x = Math.Abs(x);
            if (x < 1)
                return ((7 * x - 12) * x * x + 16.0 / 3) / 6;
            if (x < 2)
                return (((-7.0 / 3 * x + 12) * x - 20) * x + 32.0 / 3) / 6;
            return 0;
        }
    }
}
