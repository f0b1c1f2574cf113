using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>What each image of a batch shows: one class, or two after <see cref="Mixing"/>.</summary>
/// <param name="labels">[N], the classes of the images.</param>
/// <param name="others">[N], the classes of those they are mixed with; null where they are not.</param>
/// <param name="shares">[N], float32: how much of each image is its own, 0 to 1.</param>
internal sealed class MixedLabels(Tensor labels, Tensor? others = null, Tensor? shares = null)
{
    /// <summary>The class that has the larger share of each image, [N].</summary>
    public Tensor Dominant => others is null ? labels : where(shares!.ge(0.5), labels, others);

    /// <summary>The loss of each image: that of its two labels, in their shares.</summary>
    /// <param name="lossOf">The loss of each image, [N], for labels, [N].</param>
    /// <returns>[N].</returns>
    public Tensor Loss(Func<Tensor, Tensor> lossOf) =>
        others is null ? lossOf(labels) : lossOf(others).lerp(lossOf(labels), shares!);
}
