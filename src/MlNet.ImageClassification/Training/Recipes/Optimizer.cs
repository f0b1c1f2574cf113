using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>The rule by which a step changes the weights.</summary>
/// <remarks>Weight decay applies to the weights of convolutions and of the classifier, never to biases and norms.</remarks>
public abstract record Optimizer
{
    private protected Optimizer()
    {
    }

    /// <summary>How strongly weights are drawn to zero, between 0 and 1.</summary>
    /// <value>The default value is 0.0005, for <see cref="AdamWOptimizer"/> 0.05.</value>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>The peak learning rate for batches of 128 images where none is chosen.</summary>
    internal abstract double DefaultLearningRate { get; }

    /// <summary>Whether a step keeps a share of the last one's direction, which a schedule can change.</summary>
    internal abstract bool HasMomentum { get; }

    internal virtual void Validate() => OptionRule.Require(WeightDecay is >= 0 and <= 1, nameof(WeightDecay), WeightDecay, "it must be between 0 and 1");

    /// <summary>Makes the optimizer of groups of parameters that are on their device already, in their order.</summary>
    internal abstract OptimizerHelper Create(IReadOnlyList<ParameterGroup> groups);

    /// <summary>Sets the momentum of a group, which for the Adam family is its first beta.</summary>
    internal static void SetMomentum(optim.ILearningRateController group, double momentum)
    {
        if (group is optim.IMomentum sgd)
            sgd.Momentum = momentum;
        else if (group is optim.IBetas adam)
            adam.Betas = (momentum, adam.Betas.Item2);
    }

    private protected double DecayOf(ParameterGroup group) => group.IsDecayed ? WeightDecay : 0;

    private protected static void RequireMoment(double value, string name) =>
        OptionRule.Require(value is >= 0 and < 1, name, value, "it must be at least 0 and below 1");
}

/// <summary>
/// Stochastic gradient descent with momentum in Nesterov's form. Weight decay is added to the gradient. (Sutskever et al., On the
/// importance of initialization and momentum in deep learning, 2013.)
/// </summary>
public sealed record SgdOptimizer : Optimizer
{
    /// <summary>The share of the last step's direction that is kept. At least 0 and below 1; 0 for plain SGD.</summary>
    /// <value>The default value is 0.9.</value>
    public double Momentum { get; init; } = 0.9;

    internal override double DefaultLearningRate => 0.1;

    internal override bool HasMomentum => Momentum > 0;

    internal override void Validate()
    {
        base.Validate();
        RequireMoment(Momentum, nameof(Momentum));
    }

    internal override OptimizerHelper Create(IReadOnlyList<ParameterGroup> groups) => new InPlaceSgd(
        groups.Select(group => new SGD.ParamGroup(group.Parameters, new SGD.Options { weight_decay = DecayOf(group) })),
        DefaultLearningRate, Momentum);
}

/// <summary>Adam; weight decay is added to the gradient. (Kingma and Ba, Adam, arXiv 1412.6980, algorithm 1.)</summary>
public record AdamOptimizer : Optimizer
{
    /// <summary>The decay of the mean gradient. At least 0 and below 1.</summary>
    /// <value>The default value is 0.9.</value>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>The decay of the mean squared gradient. At least 0 and below 1.</summary>
    /// <value>The default value is 0.999.</value>
    public double Beta2 { get; init; } = 0.999;

    internal override double DefaultLearningRate => 1e-3;

    internal override bool HasMomentum => true;

    internal override void Validate()
    {
        base.Validate();
        RequireMoment(Beta1, nameof(Beta1));
        RequireMoment(Beta2, nameof(Beta2));
    }

    internal override OptimizerHelper Create(IReadOnlyList<ParameterGroup> groups) => new Adam(
        groups.Select(group => new Adam.ParamGroup(group.Parameters, new Adam.Options { weight_decay = DecayOf(group) })),
        DefaultLearningRate, Beta1, Beta2);
}

/// <summary>
/// Adam with weight decay apart from the gradient. (Loshchilov and Hutter, Decoupled Weight Decay Regularization, arXiv 1711.05101,
/// algorithm 2.)
/// </summary>
public sealed record AdamWOptimizer : AdamOptimizer
{
    /// <summary>An optimizer with the defaults.</summary>
    public AdamWOptimizer() => WeightDecay = 0.05;

    internal override OptimizerHelper Create(IReadOnlyList<ParameterGroup> groups) => new AdamW(
        groups.Select(group => new Adam.ParamGroup(group.Parameters, new Adam.Options { weight_decay = DecayOf(group) })),
        DefaultLearningRate, Beta1, Beta2);
}

/// <summary>
/// Adam with Nesterov's momentum; weight decay is added to the gradient. (Dozat, Incorporating Nesterov Momentum into Adam, 2016,
/// algorithm 8, with the momentum warm-up of its section 4 at a decay of 0.004.)
/// </summary>
public sealed record NAdamOptimizer : AdamOptimizer
{
    internal override OptimizerHelper Create(IReadOnlyList<ParameterGroup> groups) => optim.NAdam(
        groups.Select(group => new NAdam.ParamGroup(group.Parameters, new NAdam.Options { weight_decay = DecayOf(group) })),
        DefaultLearningRate, Beta1, Beta2);
}

/// <summary>
/// Adam whose first steps, in which the mean squared gradient is still uncertain, are rectified; weight decay is added to the gradient.
/// (Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, arXiv 1908.03265, algorithm 2.)
/// </summary>
public sealed record RAdamOptimizer : AdamOptimizer
{
    internal override OptimizerHelper Create(IReadOnlyList<ParameterGroup> groups) => new RectifiedAdam(
        groups.Select(group => new RAdam.ParamGroup(group.Parameters, new RAdam.Options { weight_decay = DecayOf(group) })),
        DefaultLearningRate, Beta1, Beta2);
}

/// <summary>
/// RMSprop: the gradient divided by the root of its mean square, with momentum; weight decay is added to the gradient. (Hinton, Neural
/// Networks for Machine Learning, lecture 6e, 2012; momentum as in PyTorch and TensorFlow.)
/// </summary>
public sealed record RmsPropOptimizer : Optimizer
{
    /// <summary>The decay of the mean squared gradient. At least 0 and below 1.</summary>
    /// <value>The default value is 0.9.</value>
    public double Alpha { get; init; } = 0.9;

    /// <summary>The share of the last step that is kept. At least 0 and below 1; 0 for none.</summary>
    /// <value>The default value is 0.9.</value>
    public double Momentum { get; init; } = 0.9;

    // Steps add up to ten times their size with a momentum of 0.9, those of Adam do not.
    internal override double DefaultLearningRate => 1e-4;

    internal override bool HasMomentum => Momentum > 0;

    internal override void Validate()
    {
        base.Validate();
        RequireMoment(Alpha, nameof(Alpha));
        RequireMoment(Momentum, nameof(Momentum));
    }

    internal override OptimizerHelper Create(IReadOnlyList<ParameterGroup> groups) => optim.RMSProp(
        groups.Select(group => new RMSProp.ParamGroup(group.Parameters, new RMSProp.Options { weight_decay = DecayOf(group) })),
        DefaultLearningRate, Alpha, momentum: Momentum);
}

/// <summary>
/// Adagrad: the gradient divided by the root of the sum of its squares so far; weight decay is added to the gradient. (Duchi et al.,
/// Adaptive Subgradient Methods, JMLR 12, 2011, figure 1 with diagonal matrices.)
/// </summary>
public sealed record AdagradOptimizer : Optimizer
{
    internal override double DefaultLearningRate => 1e-2;

    internal override bool HasMomentum => false;

    internal override OptimizerHelper Create(IReadOnlyList<ParameterGroup> groups) => optim.Adagrad(
        groups.Select(group => new Adagrad.ParamGroup(group.Parameters, new Adagrad.Options { weight_decay = DecayOf(group) })),
        DefaultLearningRate);
}
