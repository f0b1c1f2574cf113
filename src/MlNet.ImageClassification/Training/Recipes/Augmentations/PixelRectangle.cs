using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Pixels of an image; none where height or width is 0.</summary>
internal readonly record struct PixelRectangle(int Top, int Left, int Height, int Width)
{
    public int Area => Height * Width;

    /// <summary>Where the pixels of one rectangle per image are.</summary>
    /// <returns>[N, 1, height, width], true inside.</returns>
    public static Tensor Mask(IReadOnlyCollection<PixelRectangle> rectangles, long height, long width, Device device)
    {
        var inRows = Between(height, rectangles.Select(r => r.Top), rectangles.Select(r => r.Top + r.Height)).view(-1, 1, height, 1);
        var inColumns = Between(width, rectangles.Select(r => r.Left), rectangles.Select(r => r.Left + r.Width)).view(-1, 1, 1, width);
        return inRows.logical_and(inColumns);

        // [N, length]
        Tensor Between(long length, IEnumerable<int> from, IEnumerable<int> to)
        {
            var places = arange(length, dtype: ScalarType.Int32, device: device);
            return places.ge(Column(from)).logical_and(places.lt(Column(to)));
        }

        Tensor Column(IEnumerable<int> values) => tensor([.. values], [rectangles.Count, 1]).SendTo(device);
    }
}
