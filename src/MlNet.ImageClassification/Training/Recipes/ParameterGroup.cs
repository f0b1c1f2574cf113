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
    /// <param name="layerDecay">The share of the next stage's learning rate for each stage; the classifier is the last.</param>
    public static IReadOnlyList<ParameterGroup> Of(ClassificationNetwork network, double backboneRate, double layerDecay = 1)
    {
        var rates = Rates(network, backboneRate, layerDecay);
        return
        [
            .. from parameter in network.parameters()
               let isDecayed = parameter.dim() > 1
               let rate = rates[parameter.Handle]
               group parameter by (isDecayed, rate) into alike
               orderby alike.Key.isDecayed descending, alike.Key.rate descending
               select new ParameterGroup([.. alike], alike.Key.isDecayed, alike.Key.rate),
        ];
    }

    private static Dictionary<nint, double> Rates(ClassificationNetwork network, double backboneRate, double layerDecay)
    {
        var rates = network.Classifier.parameters().ToDictionary(parameter => parameter.Handle, _ => 1.0);
        double rate = backboneRate;
        foreach (var stage in network.Stages.Reverse())
        {
            rate *= layerDecay;
            foreach (var parameter in stage.SelectMany(layer => layer.parameters()))
                rates.Add(parameter.Handle, rate);
        }
        return rates;
    }
}
