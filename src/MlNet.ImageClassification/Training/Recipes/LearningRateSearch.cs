namespace MlNet.ImageClassification;

/// <summary>Which learning rates <see cref="ImageClassificationTrainer{TOptions}.FindLearningRate"/> tries.</summary>
public sealed record LearningRateSearch
{
    /// <summary>The learning rate of the first step. Above 0 and below <see cref="HighestRate"/>.</summary>
    /// <value>The default value is 0.000001.</value>
    public double LowestRate { get; init; } = 1e-6;

    /// <summary>The learning rate of the last step. Above 0, at most 100.</summary>
    /// <value>The default value is 10.</value>
    public double HighestRate { get; init; } = 10;

    /// <summary>Steps, a batch each: the rate rises by the same factor from one to the next. At least 20, at most 10,000.</summary>
    /// <value>The default value is 100.</value>
    public int Steps { get; init; } = 100;

    internal void Validate()
    {
        OptionRule.Require(HighestRate is > 0 and <= 100, nameof(HighestRate), HighestRate, "it must be above 0 and at most 100");
        OptionRule.Require(
            LowestRate > 0 && LowestRate < HighestRate, nameof(LowestRate), LowestRate,
            FormattableString.Invariant($"it must be above 0 and below {nameof(HighestRate)} ({HighestRate})"));
        OptionRule.Require(Steps is >= 20 and <= 10_000, nameof(Steps), Steps, "it must be between 20 and 10000");
    }

    /// <summary>The learning rate of a step, counted from 0.</summary>
    internal double RateOf(int step) => LowestRate * Math.Pow(HighestRate / LowestRate, step / (Steps - 1.0));
}

/// <summary>What a network lost at rising learning rates.</summary>
/// <param name="Rates">The learning rate of each step, rising.</param>
/// <param name="Losses">
/// The training loss at each of them, smoothed: an exponential mean with a decay of 0.9, corrected for its start at 0 as Adam's means are.
/// </param>
/// <param name="Suggestion">
/// The rate at which the smoothed loss falls the most steeply over the logarithm of the rate, among those after the first tenth of the
/// steps and before the lowest loss; null where the loss does not fall by a hundredth there. A peak learning rate to begin with: set
/// <see cref="ImageClassificationOptions.LearningRate"/> to it, at the same batch size.
/// </param>
/// <param name="Diverged">Whether the search ended early, as the loss rose to four times its lowest or was no number any more.</param>
public sealed record LearningRateSearchResult(IReadOnlyList<double> Rates, IReadOnlyList<double> Losses, double? Suggestion, bool Diverged);
