using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>What a network is trained to make small.</summary>
public enum LossFunction
{
    /// <summary>The cross-entropy of the softmax of the logits: the classes compete.</summary>
    SoftmaxCrossEntropy,

    /// <summary>
    /// The binary cross-entropy of each logit's sigmoid against the one-hot label, summed over the classes: each class is a question of its own.
    /// (Wightman et al., ResNet strikes back, arXiv 2110.00476, section 3.) The scores of the model are the softmax of the logits all the same.
    /// </summary>
    SigmoidCrossEntropy,
}

/// <summary>Computes losses.</summary>
internal static class Loss
{
    /// <summary>The loss of each image.</summary>
    /// <param name="function">Which.</param>
    /// <param name="logits">[N, classes].</param>
    /// <param name="labels">[N].</param>
    /// <param name="labelSmoothing">The probability that the target gives to all classes alike.</param>
    /// <returns>[N], float32.</returns>
    public static Tensor PerImage(LossFunction function, Tensor logits, Tensor labels, double labelSmoothing)
    {
        if (function == LossFunction.SoftmaxCrossEntropy)
            return nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None, label_smoothing: labelSmoothing);
        long classes = logits.shape[1];
        var target = nn.functional.one_hot(labels, classes).to_type(ScalarType.Float32) * (1 - labelSmoothing) + labelSmoothing / classes;
        return nn.functional.binary_cross_entropy_with_logits(logits, target, reduction: nn.Reduction.None).sum(1);
    }
}
