using System.Text.RegularExpressions;
using Microsoft.ML;
using MlNet.ImageClassification;

namespace FineTunePhotos;

/// <summary>What a saved model says of its network, so that the one to train is made alike.</summary>
/// <param name="Stem">The name of its first layers; null where no model is read.</param>
/// <param name="ZeroInitResidual">Whether its residual blocks began as their shortcuts: of no matter with its weights, but part of its name.</param>
internal sealed record ModelFile(string? Stem, bool ZeroInitResidual)
{
    private static readonly ModelFile Unknown = new(null, false);

    /// <summary>Reads a model.zip. What is none, or is damaged, is for the trainer to refuse in its own words.</summary>
    public static ModelFile Read(string path)
    {
        if (!Path.GetExtension(path).Equals(".zip", StringComparison.OrdinalIgnoreCase) || !File.Exists(path))
            return Unknown;
        try
        {
            var model = new MLContext().Model.Load(path, out _);
            using var owner = model as IDisposable;
            var network = (model as IEnumerable<ITransformer> ?? [model]).OfType<ImageClassificationTransformer>().FirstOrDefault();
            return network is null ? Unknown : Of(network.Architecture);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return Unknown;
        }
    }

    // In the family's own words, such as "resnet18 v1.5 stem=imagenet zero-init-residual".
    private static ModelFile Of(string architecture) => new(
        Regex.Match(architecture, @"stem=(\S+)") is { Success: true } stem ? stem.Groups[1].Value.Replace("-", "") : null,
        architecture.Contains("zero-init-residual"));
}
