using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>What each image of a batch shows: one class, or two after <see cref="Mixing"/>.</summary>
/// <param name="labels">[N], the classes of the images.</param>
/// <param name="weights">[N], how much each counts; null: all alike.</param>
/// <param name="partners">[N], the image that each is mixed with; null where none is.</param>
/// <param name="shares">[N], float32: how much of each image is its own, 0 to 1.</param>
internal sealed class MixedLabels(Tensor labels, Tensor? weights = null, Tensor? partners = null, Tensor? shares = null)
{
    /// <summary>The class that has the larger share of each image, [N].</summary>
    public Tensor Dominant => partners is null ? labels : where(shares!.ge(0.5), labels, labels.index_select(0, partners));

    /// <summary>These labels for images that are mixed.</summary>
    public MixedLabels With(Tensor partners, Tensor shares) => new(labels, weights, partners, shares);

    /// <summary>The loss of each image: that of its two labels, each with the weight of the image it is from, in their shares.</summary>
    /// <param name="lossOf">The loss of each image, [N], for labels, [N].</param>
    /// <returns>[N].</returns>
    public Tensor Loss(Func<Tensor, Tensor> lossOf)
    {
        var own = Weighted(lossOf(labels), weights);
        if (partners is null)
            return own;
        return Weighted(lossOf(labels.index_select(0, partners)), weights?.index_select(0, partners)).lerp(own, shares!);
    }

    private static Tensor Weighted(Tensor losses, Tensor? weights) => weights is null ? losses : losses * weights;
}
