using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>What images came to: the summed loss and the number of correct answers, [2], on the device.</summary>
internal static class BatchTally
{
    /// <summary>Nothing yet.</summary>
    public static Tensor Zero(Device device) => zeros([2], ScalarType.Float32, device);

    /// <summary>Adds images without waiting for the device.</summary>
    /// <param name="tally">What to add to.</param>
    /// <param name="logits">[N, classes].</param>
    /// <param name="labels">[N].</param>
    /// <param name="loss">Their summed loss.</param>
    public static void Add(Tensor tally, Tensor logits, Tensor labels, Tensor loss) =>
        tally.AddInPlace(stack([loss, logits.argmax(1).eq(labels).to_type(ScalarType.Float32).sum()]));

    /// <summary>Reads a tally; waits until the device has computed it.</summary>
    public static (double Loss, double Correct) Read(Tensor tally)
    {
        using var values = tally.cpu();
        return (values.data<float>()[0], values.data<float>()[1]);
    }
}
