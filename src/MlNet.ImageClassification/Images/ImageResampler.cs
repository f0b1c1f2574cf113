using System.Numerics;
using System.Runtime.InteropServices;

namespace MlNet.ImageClassification;

/// <summary>
/// Resizes an image with an antialiasing filter: the width of the filter grows with the reduction, so that every pixel of the
/// source counts. The triangle is what Pillow and torchvision call bilinear, the cubic what they call bicubic.
/// </summary>
internal sealed class ImageResampler(ImageInterpolation interpolation)
{
    private readonly FilterTaps _horizontal = new(interpolation);
    private readonly FilterTaps _vertical = new(interpolation);
    private float[] _row = [];

    /// <summary>Resizes a part of an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="part">The part to resize.</param>
    /// <param name="target">Takes the pixels of the result.</param>
    public void Resample(RasterImage image, ImagePart part, PixelTarget target)
    {
        _horizontal.Compute(image.Width, part.Left, part.Width, target.Width);
        _vertical.Compute(image.Height, part.Top, part.Height, target.Height);
        int first = _horizontal.First;
        int count = _horizontal.End - first;
        if (_row.Length < 4 * count)
            _row = new float[4 * count];

        // Down first: a row of sums is all the memory that takes, and the inner loop runs along whole rows.
        var sums = _row.AsSpan(0, 4 * count);
        for (int y = 0; y < target.Height; y++)
        {
            sums.Clear();
            var weights = _vertical.Weights(y);
            for (int i = 0; i < weights.Length; i++)
                AddWeighted(image.Row(_vertical.Start(y) + i, first, count), weights[i], sums);
            ResampleRow(MemoryMarshal.Cast<float, Vector4>(sums), image.IsBlueFirst, y, target);
        }
    }

    private void ResampleRow(ReadOnlySpan<Vector4> row, bool isBlueFirst, int y, PixelTarget target)
    {
        for (int x = 0; x < target.Width; x++)
        {
            var weights = _horizontal.Weights(x);
            var pixels = row.Slice(_horizontal.Start(x) - _horizontal.First, weights.Length);
            var sum = Vector4.Zero;
            for (int i = 0; i < pixels.Length; i++)
                sum += pixels[i] * weights[i];
            target.Set(x, y, isBlueFirst ? new Vector4(sum.Z, sum.Y, sum.X, sum.W) : sum);
        }
    }

    private static void AddWeighted(ReadOnlySpan<byte> values, float weight, Span<float> sums)
    {
        var vectors = MemoryMarshal.Cast<byte, Vector<byte>>(values);
        var vectorSums = MemoryMarshal.Cast<float, Vector<float>>(sums);
        for (int i = 0; i < vectors.Length; i++)
        {
            Vector.Widen(vectors[i], out var low, out var high);
            Vector.Widen(low, out var first, out var second);
            Vector.Widen(high, out var third, out var fourth);
            var four = vectorSums.Slice(4 * i, 4);
            four[0] += Vector.ConvertToSingle(first.As<uint, int>()) * weight;
            four[1] += Vector.ConvertToSingle(second.As<uint, int>()) * weight;
            four[2] += Vector.ConvertToSingle(third.As<uint, int>()) * weight;
            four[3] += Vector.ConvertToSingle(fourth.As<uint, int>()) * weight;
        }
        for (int i = vectors.Length * Vector<byte>.Count; i < values.Length; i++)
            sums[i] += values[i] * weight;
    }

    /// <summary>For every pixel of the result, along one axis, the source's pixels that count and their weights.</summary>
    private sealed class FilterTaps(ImageInterpolation interpolation)
    {
        // How far the filter reaches to either side where nothing is reduced, in pixels of the source.
        private readonly double _support = interpolation == ImageInterpolation.Bicubic ? 2 : 1;
        private int[] _starts = [];
        private int[] _counts = [];
        private float[] _weights = [];
        private int _room;
        private (int, double, double, int) _computed;

        /// <summary>The first pixel of the source that counts for any.</summary>
        public int First { get; private set; }

        /// <summary>One behind the last pixel of the source that counts for any.</summary>
        public int End { get; private set; }

        /// <summary>The first pixel of the source that counts for a pixel of the result.</summary>
        public int Start(int index) => _starts[index];

        /// <summary>The weights of that pixel of the source and those behind it; they sum to one.</summary>
        public ReadOnlySpan<float> Weights(int index) => _weights.AsSpan(index * _room, _counts[index]);

        public void Compute(int sourceLength, double offset, double extent, int length)
        {
            // Images of one size, as most data sets have, share them.
            if (_computed == (sourceLength, offset, extent, length))
                return;
            _computed = (sourceLength, offset, extent, length);
            double scale = extent / length;
            double stretch = Math.Max(scale, 1);
            double reach = _support * stretch;
            _room = (int)Math.Ceiling(2 * reach) + 1;
            Grow(ref _starts, length);
            Grow(ref _counts, length);
            Grow(ref _weights, length * _room);
            (First, End) = (sourceLength, 0);
            for (int i = 0; i < length; i++)
            {
                // The center of pixel p lies at p + 1/2.
                double center = offset + (i + 0.5) * scale;
                int start = Math.Clamp((int)Math.Floor(center - reach - 0.5) + 1, 0, sourceLength - 1);
                int end = Math.Clamp((int)Math.Ceiling(center + reach - 0.5), start + 1, sourceLength);
                (_starts[i], _counts[i]) = (start, end - start);
                First = Math.Min(First, start);
                End = Math.Max(End, end);

                var weights = _weights.AsSpan(i * _room, end - start);
                double sum = 0;
                for (int p = start; p < end; p++)
                    sum += Weight(p);
                for (int p = start; p < end; p++)
                    weights[p - start] = (float)(Weight(p) / sum);

                double Weight(int p) => Filter(Math.Abs(p + 0.5 - center) / stretch);
            }
        }

        private double Filter(double distance) => interpolation switch
        {
            ImageInterpolation.Bicubic when distance < 1 => (1.5 * distance - 2.5) * distance * distance + 1,
            ImageInterpolation.Bicubic when distance < 2 => ((-0.5 * distance + 2.5) * distance - 4) * distance + 2,
            ImageInterpolation.Bicubic => 0,
            _ => Math.Max(0, 1 - distance),
        };

        private static void Grow<T>(ref T[] array, int length)
        {
            if (array.Length < length)
                array = new T[length];
        }
    }
}
