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

    internal virtual void Validate() => OptionRule.Require(WeightDecay is >= 0 and <= 1, nameof(WeightDecay), WeightDecay, "it must be between 0 and 1");

    /// <summary>Makes the optimizer of groups of parameters that are on their device already, in their order.</summary>
    internal abstract OptimizerHelper Create(IReadOnlyList<ParameterGroup> groups);

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

    internal override void Validate()
    {
        base.Validate();
        RequireMoment(Beta1, nameof(Beta1));
        RequireMoment(Beta2, nameof(Beta2));
    }

    internal override OptimizerHelper Create(IReadOnlyList<ParameterGroup> groups) => optim.Adam(
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

    internal override OptimizerHelper Create(IReadOnlyList<ParameterGroup> groups) => optim.AdamW(
        groups.Select(group => new AdamW.ParamGroup(group.Parameters, new AdamW.Options { weight_decay = DecayOf(group) })),
        DefaultLearningRate, Beta1, Beta2);
}
