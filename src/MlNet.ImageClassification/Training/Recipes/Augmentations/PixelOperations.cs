using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Changes of pixels of 0 to 255, each for a whole batch: the arithmetic of torchvision's functions of the same names on
/// floating-point images. Images are [N, 1 or 3, H, W], float32; amounts are [N, 1, 1, 1].
/// </summary>
internal static class PixelOperations
{
    private const int White = 255;

    /// <summary>Multiplies pixels by a factor of 0 or more.</summary>
    public static Tensor Brightness(Tensor images, Tensor factor) => (images * factor).clamp_(0, White);

    /// <summary>Moves pixels from the mean gray of their image (factor 0) through themselves (1) and beyond.</summary>
    public static Tensor Contrast(Tensor images, Tensor factor) => Blend(images, Gray(images).mean([1, 2, 3], keepdim: true), factor);

    /// <summary>Moves pixels from their gray (factor 0) through themselves (1) and beyond.</summary>
    public static Tensor Saturation(Tensor images, Tensor factor) => Blend(images, Gray(images), factor);

    /// <summary>Moves pixels from a blurred image (factor 0) through themselves (1) and beyond; the outermost stay as they are.</summary>
    public static Tensor Sharpness(Tensor images, Tensor factor)
    {
        if (images.shape[2] < 3 || images.shape[3] < 3)
            return images;

        // A 3 x 3 kernel of ones with a five in the middle, divided by its sum.
        var inner = images[.., .., 1..^1, 1..^1];
        var blurred = images.clone();
        blurred[.., .., 1..^1, 1..^1] = (nn.functional.avg_pool2d(images, 3, 1) * 9 + inner * 4) / 13;
        return Blend(images, blurred, factor);
    }

    /// <summary>Turns the hue by a share of the color circle; a third makes red green, green blue and blue red.</summary>
    public static Tensor Hue(Tensor images, Tensor turn)
    {
        if (images.shape[1] == 1)
            return images;
        var value = images.amax([1], keepdim: true);
        var chroma = value - images.amin([1], keepdim: true);
        var below = (value - images) / chroma.masked_fill(chroma.eq(0), 1);
        var (red, green, blue) = (below.narrow(1, 0, 1), below.narrow(1, 1, 1), below.narrow(1, 2, 1));
        var sixths = where(red.eq(0), blue - green, where(green.eq(0), red - blue + 2, green - red + 4));

        // From hue, value and chroma back: a channel lacks the more chroma the farther its own hue is.
        var own = tensor([5f, 3f, 1f], [1, 3, 1, 1]).SendTo(images.device);
        var place = (sixths + turn * 6 + own).remainder(6);
        return value - chroma * minimum(place, 4 - place).clamp_(0, 1);
    }

    /// <summary>Keeps the highest of the eight bits of each pixel.</summary>
    /// <param name="images">The images.</param>
    /// <param name="bits">How many, 0 to 8.</param>
    public static Tensor Posterize(Tensor images, int bits)
    {
        double step = 1 << (8 - bits);
        return (images / step).floor_() * step;
    }

    /// <summary>Inverts pixels of at least a threshold.</summary>
    public static Tensor Solarize(Tensor images, double threshold) => where(images.ge(threshold), White - images, images);

    /// <summary>Stretches each channel of each image to the whole range; one of a single value stays as it is.</summary>
    public static Tensor AutoContrast(Tensor images)
    {
        var low = images.amin([2, 3], keepdim: true);
        var range = images.amax([2, 3], keepdim: true) - low;
        var flat = range.eq(0);
        return ((images - low.masked_fill(flat, 0)) * (White / range).masked_fill(flat, 1)).clamp_(0, White);
    }

    /// <summary>Gives each channel of each image as even a histogram as a map of its 256 values can.</summary>
    public static Tensor Equalize(Tensor images)
    {
        long rows = images.shape[0] * images.shape[1], pixels = images.shape[2] * images.shape[3];
        var values = images.round().to_type(ScalarType.Int64).reshape(rows, pixels);
        var counts = zeros([rows, White + 1], dtype: ScalarType.Int64, device: images.device)
            .scatter_add_(1, values, ones_like(values));

        // PIL's way: an even share for each step, and the brightest value's own pixels do not count.
        var step = (pixels - counts.gather(1, values.amax([1], keepdim: true))).floor_divide(White);
        var map = (counts.cumsum(1) - counts + step.floor_divide(2)).floor_divide(step.clamp(min: 1)).clamp_(0, White);
        map = where(step.eq(0), arange(White + 1, dtype: ScalarType.Int64, device: images.device), map);
        return map.gather(1, values).to_type(ScalarType.Float32).view(images.shape);
    }

    private static Tensor Blend(Tensor images, Tensor other, Tensor factor) => (other + (images - other) * factor).clamp_(0, White);

    // [N, 1, H, W]; the weights of ITU-R 601.
    private static Tensor Gray(Tensor images) => images.shape[1] == 1
        ? images
        : (images * tensor([0.2989f, 0.587f, 0.114f], [1, 3, 1, 1]).SendTo(images.device)).sum([1], keepdim: true);
}
