using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Images whose channels lie next to each other in memory: [N, C, H, W] by shape, N-H-W-C by strides. Convolutions are
/// fastest so, and every later layer keeps the order.
/// </summary>
internal static class ChannelsLast
{
    /// <summary>The same images with their channels last in memory.</summary>
    /// <param name="images">[N, C, H, W]; left alone.</param>
    /// <returns>A new tensor; it shares memory with the images where they are in that order already.</returns>
    public static Tensor Of(Tensor images)
    {
        using var byPixel = images.permute(0, 2, 3, 1);
        using var packed = byPixel.contiguous();
        return packed.permute(0, 3, 1, 2);
    }
}
