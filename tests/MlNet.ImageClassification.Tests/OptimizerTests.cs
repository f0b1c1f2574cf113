using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

/// <summary>What the training loop and its checkpoints expect of TorchSharp's SGD.</summary>
[TestClass]
public sealed class OptimizerTests
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ClassificationNetwork _network = new TinyFamily().Create("tiny1", new ImageShape(1, 8, 8), 2);
    private readonly SGD _optimizer;

    public OptimizerTests()
    {
        var options = new ImageClassificationOptions { Momentum = 0.75, WeightDecay = 0.5 };
        _optimizer = TrainingLoop.CreateOptimizer(_network, options, learningRate: 4);

        // One step, from parameters that are all 1 along gradients that are all 1, at the rate of that step.
        using (no_grad())
        {
            foreach (var parameter in _network.parameters())
                parameter.fill_(1);
        }

        foreach (var parameter in _network.parameters())
            parameter.grad = ones_like(parameter);
        foreach (var group in _optimizer.ParamGroups)
            group.LearningRate = 0.25;
        _optimizer.step();
    }

    [TestCleanup]
    public void Free()
    {
        _optimizer.Dispose();
        _network.Dispose();
        _scope.Dispose();
    }

    [TestMethod]
    public void A_step_has_the_rate_it_was_given_last_and_decays_weights_only()
    {
        // The gradient is 1, with decay 1 + 0.5 x 1. With Nesterov's momentum the first step is rate x (1 + 0.75) x gradient.
        CollectionAssert.AreEqual(
            new[] { 1 - 0.25f * 1.75f * 1.5f }, Distinct(_network.DecayedParameters));
        CollectionAssert.AreEqual(
            new[] { 1 - 0.25f * 1.75f }, Distinct(_network.UndecayedParameters));

        static float[] Distinct(IEnumerable<Parameter> parameters) =>
            [.. parameters.SelectMany(parameter => parameter.data<float>().ToArray()).Distinct()];
    }

    /// <summary>A checkpoint holds the state as TorchSharp writes it: where the form changes, the checkpoint's version must too.</summary>
    [TestMethod]
    public void The_state_in_a_checkpoint_keeps_its_form()
    {
        using var expected = new MemoryStream();
        using var writer = new BinaryWriter(expected);
        writer.Write("SGD");
        writer.Write7BitEncodedInt(2); // groups
        writer.Write7BitEncodedInt(5); // parameters
        foreach (double weightDecay in new[] { 0.5, 0 })
        {
            foreach (double option in new[] { 4, 0.25, 0.75, 0, weightDecay }) // first and present rate, momentum, dampening
                writer.Write(option);
            writer.Write(true); // Nesterov
            writer.Write(false); // maximize
        }

        WriteMomentum(1.5f, 1, 1, 3, 3); // the convolution's weight
        WriteMomentum(1.5f, 2, 1); // the classifier's weight
        WriteMomentum(1, 1); // the norm's scale
        WriteMomentum(1, 1); // the norm's shift
        WriteMomentum(1, 2); // the classifier's bias

        CollectionAssert.AreEqual(expected.ToArray(), Checkpoint.StateOf(_optimizer));

        void WriteMomentum(float value, params long[] shape)
        {
            writer.Write(true);
            writer.Write7BitEncodedInt((int)ScalarType.Float32);
            writer.Write7BitEncodedInt(shape.Length);
            foreach (long size in shape)
                writer.Write7BitEncodedInt64(size);
            for (long i = 0; i < shape.Aggregate((a, b) => a * b); i++)
                writer.Write(value);
        }
    }
}
