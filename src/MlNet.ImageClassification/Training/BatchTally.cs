using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>What a batch came to, as sums that can be added to those of others.</summary>
internal static class BatchTally
{
    /// <summary>Sums up a batch without waiting for the device.</summary>
    /// <param name="logits">[N, classes].</param>
    /// <param name="labels">[N].</param>
    /// <param name="meanLoss">The mean loss of the batch.</param>
    /// <returns>The summed loss and the number of correct answers, [2].</returns>
    public static Tensor Of(Tensor logits, Tensor labels, Tensor meanLoss)
    {
        var correct = logits.argmax(1).eq(labels).to_type(ScalarType.Float32).sum();
        return stack([meanLoss * (float)labels.shape[0], correct]);
    }

    /// <summary>Reads a tally; waits until the device has computed it.</summary>
    public static (double Loss, double Correct) Read(Tensor tally)
    {
        using var values = tally.cpu();
        return (values.data<float>()[0], values.data<float>()[1]);
    }
}
