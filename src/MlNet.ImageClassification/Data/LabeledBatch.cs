using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Images and labels that go through the network together.</summary>
internal abstract class LabeledBatch
{
    /// <summary>The number of images.</summary>
    public int Count { get; set; }

    /// <summary>The images of the step it belongs to: more where other processes take a part of them.</summary>
    public int StepCount { get; set; }

    /// <summary>
    /// The images on a device, [N, C, H, W], bytes or float32, and their labels, [N]. Valid until <see cref="Release"/>.
    /// </summary>
    public abstract (Tensor Images, Tensor Labels) To(Device device);

    /// <summary>How much each image counts, [N], float32; null where all count alike.</summary>
    public abstract Tensor? WeightsTo(Device device);

    /// <summary>Gives the batch back to be filled again.</summary>
    public abstract void Release();
}
