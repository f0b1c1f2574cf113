using TorchSharp.Modules;

namespace MlNet.ImageClassification;

/// <summary>Parameters that are learned alike.</summary>
/// <param name="Parameters">The parameters.</param>
/// <param name="IsDecayed">Whether weight decay applies to them.</param>
/// <param name="RateFactor">By how much the learning rate is multiplied for them.</param>
internal sealed record ParameterGroup(IReadOnlyList<Parameter> Parameters, bool IsDecayed, double RateFactor)
{
    /// <summary>All parameters of a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="backboneRate">The share of the learning rate for all but the classifier.</param>
    public static IReadOnlyList<ParameterGroup> Of(ClassificationNetwork network, double backboneRate)
    {
        var head = network.Classifier.parameters().Select(parameter => parameter.Handle).ToHashSet();
        return
        [
            .. from parameter in network.parameters()
               let isDecayed = parameter.dim() > 1
               let rate = head.Contains(parameter.Handle) ? 1 : backboneRate
               group parameter by (isDecayed, rate) into alike
               orderby alike.Key.isDecayed descending, alike.Key.rate descending
               select new ParameterGroup([.. alike], alike.Key.isDecayed, alike.Key.rate),
        ];
    }
}
