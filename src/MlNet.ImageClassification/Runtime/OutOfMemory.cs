using System.Text.RegularExpressions;

namespace MlNet.ImageClassification;

/// <summary>What is said where a device or the machine has too little memory.</summary>
internal static partial class OutOfMemory
{
    // LibTorch throws no exception of its own kind for this: CUDA's words, those of its libraries, and those of the CPU allocator on Linux and Windows.
    private static readonly string[] Messages = ["out of memory", "STATUS_ALLOC_FAILED", "can't allocate memory", "not enough memory"];

    /// <summary>Whether an exception tells of it.</summary>
    public static bool Is(Exception e) =>
        e is OutOfMemoryException || Messages.Any(message => e.Message.Contains(message, StringComparison.OrdinalIgnoreCase));

    /// <summary>The failure of a training.</summary>
    /// <param name="cause">What LibTorch threw.</param>
    /// <param name="target">Where it was trained.</param>
    /// <param name="options">How.</param>
    /// <param name="batchSize">Images per step.</param>
    /// <param name="image">Their size.</param>
    /// <param name="checkpoints">The folder with checkpoints of this training; null where there are none.</param>
    public static InvalidOperationException WhileTraining(
        Exception cause, ComputeTarget target, ImageClassificationOptions options, int batchSize, ImageShape image, string? checkpoints)
    {
        int atOnce = options.ImagesAtOnce(batchSize);
        string parts = atOnce == batchSize ? "" : $", {atOnce} at once,";
        string advice = atOnce >= 4
            ? $"Try {nameof(options.MicroBatchSize)} {atOnce / 2}: a step still has {batchSize} images, but half as many as now pass through the " +
              "network at once; halve it again while it is too large."
            : "Fewer images cannot pass through the network at once: take smaller images or a smaller network.";
        string resume = checkpoints is null
            ? ""
            : $" The checkpoint in '{checkpoints}' can go on with it: set {nameof(options.Resume)} to {ResumeMode.FromWeights}.";
        return new InvalidOperationException(
            $"Out of memory on {target} with {nameof(options.BatchSize)} {batchSize}{parts} and images of {image}.{Shortage(cause)} {advice}{resume}", cause);
    }

    /// <summary>The failure of a network that scores.</summary>
    /// <param name="cause">What LibTorch threw.</param>
    /// <param name="target">Where it scores.</param>
    /// <param name="count">How many images at once.</param>
    /// <param name="image">Their size.</param>
    public static InvalidOperationException WhileScoring(Exception cause, ComputeTarget target, int count, ImageShape image) => new(
        $"Out of memory on {target} while scoring {Quantity.Of(count, "image")} of {image} at once.{Shortage(cause)} End what else uses the " +
        "device's memory" + (count > 1 ? ", score row by row with a PredictionEngine," : "") + " or score on another device.", cause);

    // What else fills the device shows in how much of it was free. "... Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 139.81 GiB of which 1.21 GiB is free. ..."
    private static string Shortage(Exception cause) =>
        Figures().Match(cause.Message) is { Success: true } figures ? $" LibTorch tried to allocate {figures.Groups[1]}, and {figures.Groups[2]} were free." : "";

    [GeneratedRegex(@"Tried to allocate ([\d.]+ \w+)\..{0,200}? of which ([\d.]+ \w+) is free")]
    private static partial Regex Figures();
}
