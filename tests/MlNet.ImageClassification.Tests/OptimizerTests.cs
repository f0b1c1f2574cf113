using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

/// <summary>What a step makes of parameters that are all 1 along gradients that are all 1.</summary>
[TestClass]
public sealed class OptimizerTests
{
    private const double Rate = 0.25;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ClassificationNetwork _network = new TinyFamily().Create("tiny1", new ImageShape(1, 8, 8), 2);

    [TestCleanup]
    public void Free()
    {
        _network.Dispose();
        _scope.Dispose();
    }

    public static IEnumerable<(Optimizer Optimizer, double Decayed, double Undecayed)> Steps =>
    [
        // The gradient is 1, with decay 1 + 0.5 x 1. With Nesterov's momentum the first step is rate x (1 + 0.75) x gradient.
        (new SgdOptimizer { Momentum = 0.75, WeightDecay = 0.5 }, 1 - Rate * 1.75 * 1.5, 1 - Rate * 1.75),
        (new SgdOptimizer { Momentum = 0, WeightDecay = 0.5 }, 1 - Rate * 1.5, 1 - Rate),
        // The first step of Adam is the rate times the sign of the gradient, whatever the gradient's size.
        (new AdamOptimizer { WeightDecay = 0.5 }, 1 - Rate, 1 - Rate),
        // Decay apart from the gradient: the weight is drawn to zero by rate x 0.5 first.
        (new AdamWOptimizer { WeightDecay = 0.5 }, 1 - Rate * 0.5 - Rate, 1 - Rate),
    ];

    [TestMethod]
    [DynamicData(nameof(Steps))]
    public void A_step_has_the_rate_it_was_given_last_and_decays_weights_only(Optimizer optimizer, double decayed, double undecayed)
    {
        Step(optimizer).Dispose();

        AssertAll(decayed, _network.parameters().Where(parameter => parameter.dim() > 1));
        AssertAll(undecayed, _network.parameters().Where(parameter => parameter.dim() == 1));

        static void AssertAll(double expected, IEnumerable<Parameter> parameters)
        {
            foreach (float value in parameters.SelectMany(parameter => parameter.data<float>().ToArray()))
                Assert.AreEqual(expected, value, 1e-6);
        }
    }

    public static IEnumerable<(Optimizer Ours, Func<IEnumerable<(IReadOnlyList<Parameter> Parameters, double Decay)>, OptimizerHelper> Theirs)> Peers =>
    [
        (new SgdOptimizer { Momentum = 0.9, WeightDecay = 0.01 }, groups => Sgd(groups, 0.9)),
        (new SgdOptimizer { Momentum = 0, WeightDecay = 0.01 }, groups => Sgd(groups, 0)),
        (new AdamOptimizer { WeightDecay = 0.01 }, groups => optim.Adam(groups.Select(group => new TorchSharp.Modules.Adam.ParamGroup(
            group.Parameters, new TorchSharp.Modules.Adam.Options { weight_decay = group.Decay })), 1e-3)),
        (new AdamWOptimizer { WeightDecay = 0.01 }, groups => optim.AdamW(groups.Select(group => new TorchSharp.Modules.AdamW.ParamGroup(
            group.Parameters, new TorchSharp.Modules.AdamW.Options { weight_decay = group.Decay })), 1e-3)),
    ];

    [TestMethod]
    [DynamicData(nameof(Peers))]
    public void Steps_of_one_call_go_where_TorchSharps_own_go(
        Optimizer rule, Func<IEnumerable<(IReadOnlyList<Parameter> Parameters, double Decay)>, OptimizerHelper> create)
    {
        using var other = new TinyFamily().Create("tiny1", new ImageShape(1, 8, 8), 2);
        _network.Initialize(1);
        other.CopyStateFrom(_network);
        using var ours = rule.Create(ParameterGroup.Of(_network, backboneRate: 1));
        using var theirs = create(ParameterGroup.Of(other, backboneRate: 1).Select(group => (group.Parameters, group.IsDecayed ? rule.WeightDecay : 0)));

        for (int step = 1; step <= 4; step++)
        {
            // All but the classifier are frozen at first, so that they are a step behind.
            foreach (var (mine, its) in _network.parameters().Zip(other.parameters()).Skip(step == 1 ? 3 : 0))
            {
                mine.grad = (arange(mine.numel()) / 7 - step).view(mine.shape);
                its.grad = mine.grad.clone();
            }
            ours.step();
            theirs.step();
        }

        foreach (var (mine, its) in _network.parameters().Zip(other.parameters()))
            foreach (var (expected, actual) in its.data<float>().Zip(mine.data<float>()))
                Assert.AreEqual(expected, actual, 1e-6 * Math.Max(1, Math.Abs(expected)));
        AssertSameForm(theirs, ours);
    }

    // The name of the type stands before all else, and tensors are as long as each other.
    private static void AssertSameForm(OptimizerHelper expected, OptimizerHelper actual)
    {
        Assert.HasCount(
            Checkpoint.StateOf(expected).Length - expected.GetType().Name.Length, Checkpoint.StateOf(actual)[actual.GetType().Name.Length..]);
        if (actual is Adam)
            Assert.AreEqual(expected.GetType().Name, actual.GetType().Name);
    }

    private static SGD Sgd(IEnumerable<(IReadOnlyList<Parameter> Parameters, double Decay)> groups, double momentum) => optim.SGD(
        groups.Select(group => new SGD.ParamGroup(group.Parameters, new SGD.Options { weight_decay = group.Decay })),
        0.1, momentum, nesterov: momentum > 0);

    [TestMethod]
    public void A_checkpoint_of_TorchSharps_Adam_goes_on()
    {
        using var theirs = Step(groups => optim.Adam(groups.Select(group => new TorchSharp.Modules.Adam.ParamGroup(group.Parameters))));
        byte[] state = Checkpoint.StateOf(theirs);
        using var ours = new AdamOptimizer().Create(ParameterGroup.Of(_network, backboneRate: 1));

        using var reader = new BinaryReader(new MemoryStream(state));
        ours.load_state_dict(reader);

        CollectionAssert.AreEqual(state, Checkpoint.StateOf(ours));
    }

    [TestMethod]
    public void Clipped_gradients_have_the_length_together_and_shorter_ones_stay()
    {
        Tensor[] gradients = [full(4, 3f), full([2, 2], 4f)]; // 4 x 9 + 4 x 16 = 10 x 10

        TensorLists.Clip(gradients, 20);
        CollectionAssert.AreEqual(new[] { 3f, 3f, 3f, 3f }, gradients[0].data<float>().ToArray());

        TensorLists.Clip(gradients, 5);
        foreach (float value in gradients[0].data<float>())
            Assert.AreEqual(1.5, value, 1e-6);
        foreach (float value in gradients[1].data<float>())
            Assert.AreEqual(2, value, 1e-6);
    }

    /// <summary>A checkpoint holds the state as TorchSharp writes it: where the form changes, the checkpoint's version must too.</summary>
    [TestMethod]
    public void The_state_in_a_checkpoint_keeps_its_form()
    {
        using var optimizer = Step(new SgdOptimizer { Momentum = 0.75, WeightDecay = 0.5 });
        using var expected = new MemoryStream();
        using var writer = new BinaryWriter(expected);
        writer.Write(nameof(InPlaceSgd));
        writer.Write7BitEncodedInt(2); // groups
        writer.Write7BitEncodedInt(5); // parameters
        foreach (double weightDecay in new[] { 0.5, 0 })
        {
            foreach (double option in new[] { 0.1, Rate, 0.75, 0, weightDecay }) // first and present rate, momentum, dampening
                writer.Write(option);
            writer.Write(true); // Nesterov
            writer.Write(false); // maximize
        }

        WriteMomentum(1.5f, 1, 1, 3, 3); // the convolution's weight
        WriteMomentum(1.5f, 2, 1); // the classifier's weight
        WriteMomentum(1, 1); // the norm's scale
        WriteMomentum(1, 1); // the norm's shift
        WriteMomentum(1, 2); // the classifier's bias

        CollectionAssert.AreEqual(expected.ToArray(), Checkpoint.StateOf(optimizer));

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

    private OptimizerHelper Step(Optimizer rule) => Step(rule.Create);

    private OptimizerHelper Step(Func<IReadOnlyList<ParameterGroup>, OptimizerHelper> create)
    {
        var optimizer = create(ParameterGroup.Of(_network, backboneRate: 1));
        using (no_grad())
        {
            foreach (var parameter in _network.parameters())
                parameter.fill_(1);
        }
        foreach (var parameter in _network.parameters())
            parameter.grad = ones_like(parameter);
        foreach (var group in optimizer.ParamGroups)
            group.LearningRate = Rate;
        optimizer.step();
        return optimizer;
    }
}
