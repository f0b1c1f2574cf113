namespace MlNet.ImageClassification;

/// <summary>How much the rows of each class count in training: for classes of unequal size, or mistakes of unequal cost.</summary>
public abstract class ClassWeights
{
    private protected ClassWeights()
    {
    }

    /// <summary>
    /// Each class counts as much as any other, however few rows it has: rows / (classes x rows of the class), which is 1 on average
    /// over the rows. (King and Zeng, Logistic Regression in Rare Events Data, 2001, section 4.2; scikit-learn's "balanced".)
    /// </summary>
    public static ClassWeights Balanced { get; } = new BalancedWeights();

    /// <summary>Given weights by the names of classes.</summary>
    /// <param name="weights">By the texts of the label's keys, each a finite number, 0 or more; a class that is not named has 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A weight is negative or not finite.</exception>
    public static ClassWeights Of(IReadOnlyDictionary<string, double> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        foreach (var (name, weight) in weights)
            OptionRule.Require(weight >= 0 && double.IsFinite(weight), $"{nameof(ClassWeights)}['{name}']", weight, "it must be a finite number, 0 or more");
        return new GivenWeights(new SortedDictionary<string, double>(weights.ToDictionary(), StringComparer.Ordinal));
    }

    /// <summary>The weight of each class.</summary>
    /// <param name="classes">What the label's keys stand for.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <param name="labels">The labels of the rows that are trained on.</param>
    /// <exception cref="InvalidOperationException">A weight is of a class that the label does not have, or none is above 0.</exception>
    internal abstract double[] For(KeyNames classes, int classCount, IEnumerable<int> labels);

    private sealed class BalancedWeights : ClassWeights
    {
        internal override double[] For(KeyNames classes, int classCount, IEnumerable<int> labels)
        {
            var counts = new int[classCount];
            foreach (int label in labels)
                counts[label]++;
            // A class without rows has no weight to share.
            double share = (double)counts.Sum() / counts.Count(count => count > 0);
            return [.. counts.Select(count => count == 0 ? 1 : share / count)];
        }

        public override string ToString() => nameof(Balanced);
    }

    private sealed class GivenWeights(SortedDictionary<string, double> weights) : ClassWeights
    {
        internal override double[] For(KeyNames classes, int classCount, IEnumerable<int> labels)
        {
            if (weights.Keys.FirstOrDefault(name => !classes.Texts.Contains(name)) is { } unknown)
                throw new InvalidOperationException(
                    $"{nameof(ClassWeights)} has '{unknown}', which is no class of the label" + (classes == KeyNames.None
                        ? "; its keys stand for no values."
                        : $"; the classes are {classes.FirstFew()}."));
            double[] ofClasses = [.. classes.Texts.Select(name => weights.GetValueOrDefault(name, 1))];
            if (labels.All(label => ofClasses.Length > 0 && ofClasses[label] == 0))
                throw new InvalidOperationException($"{nameof(ClassWeights)} is 0 for the class of every row, so that none is left to train on.");
            return ofClasses.Length == 0 ? [.. Enumerable.Repeat(1.0, classCount)] : ofClasses;
        }

        public override string ToString() =>
            string.Join(", ", weights.Select(weight => FormattableString.Invariant($"{weight.Key}: {weight.Value}")));
    }
}
