using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Changes each image of a batch by draws of its own, on the device the batch is on.</summary>
internal interface IAugmentation
{
    /// <summary>Augments a batch.</summary>
    /// <param name="images">[N, C, H, W], float32; they stay as they are.</param>
    /// <param name="random">Where the draws come from, whatever the device.</param>
    /// <returns>[N, C, H, W].</returns>
    Tensor Apply(Tensor images, Random random);
}
