using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Shows images as the network sees them: normalized, augmented where wanted, and turned back into colors. Bytes get the colors they
/// had; of floats nobody knows what was done to them, so in each channel the lowest value of all the images together becomes 0 and
/// the highest 255.
/// </summary>
internal static class NetworkView
{
    /// <param name="images">The values of each image as a column gives them; bytes as floats of 0 to 255.</param>
    /// <param name="layout">How they lie.</param>
    /// <param name="normalization">What the model does to them.</param>
    /// <param name="augment">Augments and normalizes pixels, [N, C, H, W] to [N, C, H, W]; null to normalize them only.</param>
    public static IReadOnlyList<Picture> Of(
        IReadOnlyList<float[]> images, ImageLayout layout, ChannelNormalization normalization, Func<Tensor, Preprocessing, Tensor>? augment = null)
    {
        if (images.Count == 0)
            return [];
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var preprocessing = new Preprocessing(normalization, CPU);
        var (channels, height, width) = (layout.Shape.Channels, layout.Shape.Height, layout.Shape.Width);
        var values = tensor(images.SelectMany(image => image).ToArray());
        var pixels = layout.Interleaved
            ? values.view(images.Count, height, width, channels).permute(0, 3, 1, 2)
            : values.view(images.Count, channels, height, width);
        var seen = preprocessing.Apply(pixels);
        var black = layout.IsBytes ? preprocessing.Apply(zeros(1, channels, 1, 1)) : seen.amin([0, 2, 3], keepdim: true);
        var white = layout.IsBytes ? preprocessing.Apply(full([1, channels, 1, 1], 255f)) : seen.amax([0, 2, 3], keepdim: true);
        var range = white - black;
        var shown = ((augment?.Invoke(pixels, preprocessing) ?? seen) - black) / where(range == 0, ones_like(range), range);
        // Gray three times where there are not three colors; of more channels the first three.
        var colors = channels >= 3 ? shown.narrow(1, 0, 3) : shown.narrow(1, 0, 1).expand(-1, 3, -1, -1);
        byte[] bytes = colors.mul(255).round().clamp(0, 255).to_type(ScalarType.Byte).permute(0, 2, 3, 1).contiguous().bytes.ToArray();
        return [.. bytes.Chunk(3 * height * width).Select(rgb => new Picture(width, height, rgb))];
    }

    /// <summary>Training images as a step sees them.</summary>
    /// <param name="images">Where they are drawn from.</param>
    /// <param name="count">At most how many.</param>
    /// <param name="normalization">What the model does to them.</param>
    /// <param name="augmentation">What a step does to them.</param>
    /// <param name="seed">Draws images and augmentation.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static IReadOnlyList<Picture> Of(
        ImageSet images, int count, ChannelNormalization normalization, AugmentationOptions augmentation, int seed, CancellationToken cancellation)
    {
        var bytes = new byte[images.Layout.Bytes];
        var values = new List<float[]>();
        foreach (var image in images.Read(seed, cancellation).Take(count))
        {
            images.Codec.Unpack(image.Pixels, bytes);
            values.Add(images.Layout.IsBytes
                ? Array.ConvertAll(bytes, b => (float)b)
                : System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes).ToArray());
        }
        return Of(values, images.Layout, normalization, (pixels, preprocessing) =>
            Augmentation.Of(augmentation, images.Layout, normalization, preprocessing).Apply(pixels, new Random(seed)));
    }
}
