using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Mixes each image of a batch with another one of it, in a share that it draws: as a blend of both (Zhang et al., mixup, arXiv
/// 1710.09412) or with a rectangle of the other one in its place (Yun et al., CutMix, arXiv 1905.04899). Where both are asked for,
/// each batch draws one of them.
/// </summary>
/// <param name="mixupAlpha">Shares of mixup are drawn from Beta(alpha, alpha); 0 for no mixup.</param>
/// <param name="cutMixAlpha">Likewise for CutMix.</param>
internal sealed class Mixing(double mixupAlpha, double cutMixAlpha)
{
    /// <summary>Mixes a batch.</summary>
    /// <param name="images">[N, C, H, W], floating point; they stay as they are.</param>
    /// <param name="labels">What they show.</param>
    /// <param name="random">Where the draws come from.</param>
    /// <returns>[N, C, H, W] and what the images show now; the arguments themselves where there is nothing to do.</returns>
    public (Tensor Images, MixedLabels Labels) Apply(Tensor images, MixedLabels labels, Random random)
    {
        if (mixupAlpha == 0 && cutMixAlpha == 0)
            return (images, labels);

        using var scope = NewDisposeScope();
        long[] order = [.. Enumerable.Range(0, (int)images.shape[0])];
        random.Shuffle(order);
        var partners = tensor(order).SendTo(images.device);
        bool cut = mixupAlpha == 0 || (cutMixAlpha > 0 && random.Next(2) == 1);
        var shares = new float[order.Length];
        var others = cut ? DrawRectangles(images, shares, random) : DrawBlends(images, shares, random);
        var mixed = images.lerp(images.index_select(0, partners), others);
        return (
            mixed.MoveToOuterDisposeScope(),
            labels.With(partners.MoveToOuterDisposeScope(), tensor(shares).SendTo(images.device).MoveToOuterDisposeScope()));
    }

    /// <summary>A number of the distribution Beta(alpha, alpha), in [0, 1].</summary>
    internal static double DrawBeta(double alpha, Random random)
    {
        // The quotient of one of two equal gamma variables and their sum. Those of a small alpha underflow, so they are logarithms.
        double difference = DrawLogGamma() - DrawLogGamma() + (DrawLogUniform() - DrawLogUniform()) / alpha;
        return 1 / (1 + Math.Exp(difference));

        // For alpha + 1: Marsaglia and Tsang, A simple method for generating gamma variables, 2000. A uniform variable to the power of
        // 1 / alpha takes it back to alpha (section 6).
        double DrawLogGamma()
        {
            double d = alpha + 2.0 / 3, c = 1 / Math.Sqrt(9 * d);
            while (true)
            {
                double normal = Math.Sqrt(-2 * DrawLogUniform()) * Math.Cos(2 * Math.PI * random.NextDouble());
                double cube = Math.Pow(1 + c * normal, 3);
                if (cube > 0 && DrawLogUniform() < 0.5 * normal * normal + d * (1 - cube + Math.Log(cube)))
                    return Math.Log(d * cube);
            }
        }

        double DrawLogUniform() => Math.Log(1 - random.NextDouble());
    }

    /// <summary>A rectangle around a random pixel, cut off at the border (section 3.1 of the paper).</summary>
    /// <param name="share">The share of the image that the rectangle leaves where it is not cut off.</param>
    /// <param name="height">The image's.</param>
    /// <param name="width">The image's.</param>
    /// <param name="random">Where the place comes from.</param>
    internal static PixelRectangle DrawRectangle(double share, int height, int width, Random random)
    {
        double side = Math.Sqrt(1 - share);
        var (top, bottom) = Range(height);
        var (left, right) = Range(width);
        return new PixelRectangle(top, left, bottom - top, right - left);

        (int From, int To) Range(int length)
        {
            int size = (int)(length * side);
            int from = random.Next(length) - size / 2;
            return (Math.Max(from, 0), Math.Min(from + size, length));
        }
    }

    // How much of the other image a pixel takes, [N, 1, 1, 1].
    private Tensor DrawBlends(Tensor images, float[] shares, Random random)
    {
        for (int i = 0; i < shares.Length; i++)
            shares[i] = (float)DrawBeta(mixupAlpha, random);
        return 1 - tensor(shares, [shares.Length, 1, 1, 1]).SendTo(images.device);
    }

    // The same, [N, 1, H, W]: 1 in the rectangle.
    private Tensor DrawRectangles(Tensor images, float[] shares, Random random)
    {
        var (height, width) = ((int)images.shape[2], (int)images.shape[3]);
        var rectangles = new PixelRectangle[shares.Length];
        for (int i = 0; i < shares.Length; i++)
        {
            rectangles[i] = DrawRectangle(DrawBeta(cutMixAlpha, random), height, width, random);
            shares[i] = 1 - (float)rectangles[i].Area / (height * width);
        }
        return PixelRectangle.Mask(rectangles, height, width, images.device).to_type(images.dtype);
    }
}
