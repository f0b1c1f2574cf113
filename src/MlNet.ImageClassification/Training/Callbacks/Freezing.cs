namespace MlNet.ImageClassification;

/// <summary>Keeps parts of a network as they are: all but the classifier for some epochs, batch statistics throughout.</summary>
/// <param name="epochs">Epochs in which the classifier alone learns.</param>
/// <param name="statistics">Whether batch norms keep their statistics in all epochs.</param>
internal sealed class Freezing(int epochs, bool statistics) : ITrainingCallback
{
    public void OnEpochStart(TrainingContext context, int epoch)
    {
        bool isFrozen = epoch <= epochs;
        var network = context.Network;
        var head = network.Classifier.parameters().Select(parameter => parameter.Handle).ToHashSet();
        foreach (var parameter in network.parameters().Where(parameter => !head.Contains(parameter.Handle)))
            parameter.requires_grad = !isFrozen;
        if (isFrozen || statistics)
            foreach (var norm in network.modules().OfType<BatchNormLayer>())
                norm.eval();
    }
}
