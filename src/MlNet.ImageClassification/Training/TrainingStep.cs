using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>What happens to one batch: it is prepared, passes through the network and back, and the weights change.</summary>
/// <param name="setup">The network, and how it learns.</param>
/// <param name="preprocessing">What is done to the pixels.</param>
/// <param name="imageSizes">The size of the images in every epoch.</param>
/// <param name="groups">The network's parameters.</param>
/// <param name="optimizer">Changes them.</param>
/// <param name="lossScaler">Keeps their gradients in the range of Float16.</param>
internal sealed class TrainingStep(
    TrainingSetup setup, Preprocessing preprocessing, ImageSizeSchedule imageSizes, IReadOnlyList<ParameterGroup> groups,
    OptimizerHelper optimizer, LossScaler lossScaler)
{
    private readonly ClassificationNetwork _network = setup.Network;
    private readonly TrainingRecipe _recipe = setup.Options.Recipe;
    private readonly int? _microBatchSize = setup.Options.MicroBatchSize;
    private readonly ComputeTarget _target = setup.Target;
    private readonly Replicas _replicas = setup.Replicas;
    private readonly Augmentation _augmentation = Augmentation.Of(
        setup.Options.Recipe.Augmentation, setup.Data.Layout, setup.Model.Normalization, preprocessing);
    private readonly Mixing _mixing = new(setup.Options.Recipe.Augmentation.MixupAlpha, setup.Options.Recipe.Augmentation.CutMixAlpha);

    /// <summary>Trains on a batch.</summary>
    /// <param name="batch">The images and labels.</param>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="learningRate">The learning rate of the step.</param>
    /// <param name="random">Where the augmentation's draws come from.</param>
    /// <param name="momentum">The momentum of the step; null for the optimizer's own.</param>
    /// <returns>The summed loss and the number of correct answers of all processes, [2], on the device: reading them waits for the step.</returns>
    public Tensor Run(LabeledBatch batch, int epoch, double learningRate, Random random, double? momentum = null)
    {
        using var scope = NewDisposeScope();
        var (pixels, labels) = batch.To(_target.Device);
        var weights = batch.WeightsTo(_target.Device);
        var tally = BatchTally.Zero(_target.Device);
        _network.zero_grad();
        var (fewest, most) = (_replicas.Shard.SmallestOf(batch.StepCount), _replicas.Shard.LargestOf(batch.StepCount));
        foreach (var (first, count) in MicroBatches(batch.Count, _microBatchSize, fewest, most))
        {
            using var inner = NewDisposeScope();
            var answers = new MixedLabels(labels.narrow(0, first, count), weights?.narrow(0, first, count));
            (var images, answers) = _mixing.Apply(_augmentation.Apply(pixels.narrow(0, first, count), random), answers, random);
            var logits = _network.forward(imageSizes.Apply(images, epoch).to_type(_target.Type));
            var loss = answers.Loss(classes => Loss.PerImage(_recipe.Loss, logits, classes, _recipe.LabelSmoothing)).sum();
            lossScaler.Scale(loss.DividedBy(batch.StepCount)).backward();
            BatchTally.Add(tally, logits.detach(), answers.Dominant, loss.detach());
        }
        _replicas.AddUp(_network.parameters(), tally);
        if (lossScaler.TryUnscale(_network.parameters()))
            Update(learningRate, momentum);
        return tally.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Parts of a batch, no two of them different by more than one image. None is larger than is allowed, unless it would take a part of a
    /// single image, which batch norms cannot compare with anything: an odd batch in parts of 2 has one of 3.
    /// </summary>
    /// <param name="count">Images of the batch.</param>
    /// <param name="largest">The most images of a part; null for any number.</param>
    /// <param name="fewest">The images of the smallest batch that a process has in this step; null for this one. All make as many parts.</param>
    /// <param name="most">Those of the largest.</param>
    internal static IEnumerable<(int First, int Count)> MicroBatches(int count, int? largest, int? fewest = null, int? most = null)
    {
        int parts = largest is int size ? Math.Clamp((fewest ?? count) / 2, 1, ((most ?? count) + size - 1) / size) : 1;
        for (int i = 0, first = 0; i < parts; i++)
        {
            int next = (int)((long)count * (i + 1) / parts);
            yield return (first, next - first);
            first = next;
        }
    }

    /// <summary>Whether the network, as it is to score, gives numbers for the images of a batch.</summary>
    public bool ScoresAreFinite(LabeledBatch batch)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _network.eval();
        var logits = _network.forward(preprocessing.Apply(batch.To(_target.Device).Images).to_type(_target.Type));
        return logits.isfinite().all().cpu().item<bool>();
    }

    private void Update(double learningRate, double? momentum)
    {
        if (_recipe.GradientClipping is double longest)
            TensorLists.Clip(TensorLists.WithGradients(_network.parameters()).Gradients, longest);
        foreach (var (options, group) in optimizer.ParamGroups.Zip(groups))
        {
            options.LearningRate = learningRate * group.RateFactor;
            if (momentum is double share)
                Optimizer.SetMomentum(options, share);
        }
        optimizer.step();
    }
}
