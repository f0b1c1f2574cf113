using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>What happens to one batch: it is prepared, passes through the network and back, and the weights change.</summary>
internal sealed class TrainingStep(
    ClassificationNetwork network, TrainingRecipe recipe, Preprocessing preprocessing, Augmentation augmentation,
    ImageSizeSchedule imageSizes, OptimizerHelper optimizer, IReadOnlyList<ParameterGroup> groups, LossScaler lossScaler, ComputeTarget target)
{
    /// <summary>Trains on a batch.</summary>
    /// <param name="batch">The images and labels.</param>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="learningRate">The learning rate of the step.</param>
    /// <param name="random">Where the augmentation's draws come from.</param>
    /// <returns>The summed loss and the number of correct answers, [2], on the device: reading them waits for the step.</returns>
    public Tensor Run(LabeledBatch batch, int epoch, double learningRate, Random random)
    {
        using var scope = NewDisposeScope();
        var (pixels, labels) = batch.To(target.Device);
        var images = imageSizes.Apply(augmentation.Apply(preprocessing.Apply(pixels), random), epoch);
        var logits = network.forward(images.to_type(target.Type));
        var loss = nn.functional.cross_entropy(logits, labels, label_smoothing: recipe.LabelSmoothing);
        network.zero_grad();
        lossScaler.Scale(loss).backward();
        if (lossScaler.TryUnscale(network.parameters()))
            Update(learningRate);
        return BatchTally.Of(logits.detach(), labels, loss.detach()).MoveToOuterDisposeScope();
    }

    /// <summary>Whether the network, as it is to score, gives numbers for the images of a batch.</summary>
    public bool ScoresAreFinite(LabeledBatch batch)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        network.eval();
        var logits = network.forward(preprocessing.Apply(batch.To(target.Device).Images).to_type(target.Type));
        return logits.isfinite().all().cpu().item<bool>();
    }

    private void Update(double learningRate)
    {
        if (recipe.GradientClipping is double longest)
            nn.utils.clip_grad_norm_(network.parameters().Where(parameter => parameter.requires_grad), longest);
        foreach (var (options, group) in optimizer.ParamGroups.Zip(groups))
            options.LearningRate = learningRate * group.RateFactor;
        optimizer.step();
    }
}
