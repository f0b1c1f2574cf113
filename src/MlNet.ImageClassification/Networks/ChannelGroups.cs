using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Features whose groups of channels are tensors of their own, for networks of grouped convolutions: each group is then one
/// block of memory, which a matrix product reads and writes at full speed.
/// </summary>
internal static class ChannelGroups
{
    /// <summary>Divides the channels into groups.</summary>
    /// <param name="features">[N, C, H, W]; left alone.</param>
    /// <param name="count">How many groups; it divides C.</param>
    /// <returns>New tensors, each [N, C / count, H, W], in channels-last order.</returns>
    public static Tensor[] Split(Tensor features, int count)
    {
        using var scope = NewDisposeScope();
        var shape = features.shape;
        var pixels = features.permute(0, 2, 3, 1).reshape(-1, count, shape[1] / count);
        return [.. pixels.transpose(0, 1).contiguous().unbind().Select(group =>
            group.view(-1, shape[2], shape[3], shape[1] / count).permute(0, 3, 1, 2).MoveToOuterDisposeScope())];
    }

    /// <summary>Puts groups together again.</summary>
    /// <param name="groups">Each [N, C / G, H, W]; left alone.</param>
    /// <returns>A new tensor, [N, C, H, W], in the groups' memory order.</returns>
    public static Tensor Join(IReadOnlyList<Tensor> groups) => cat([.. groups], 1);
}
