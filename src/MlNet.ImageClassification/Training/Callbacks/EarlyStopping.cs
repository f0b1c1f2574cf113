namespace MlNet.ImageClassification;

/// <summary>When a training ends before its last epoch: when a validation metric has not improved for a while.</summary>
public sealed record EarlyStopping
{
    /// <summary>What has to improve.</summary>
    /// <value>The default value is <see cref="EarlyStoppingMetric.Accuracy"/>.</value>
    public EarlyStoppingMetric Metric { get; init; } = EarlyStoppingMetric.Accuracy;

    /// <summary>How many epochs in a row may pass without an improvement. At least 1.</summary>
    /// <value>The default value is 20.</value>
    public int Patience { get; init; } = 20;

    /// <summary>By how much the metric must change to have improved, in its own units: 0.01 is one point of accuracy. At least 0.</summary>
    /// <value>The default value is 0.01.</value>
    public double MinDelta { get; init; } = 0.01;

    internal void Validate()
    {
        OptionRule.RequireDefined(Metric, nameof(Metric));
        OptionRule.Require(Patience >= 1, nameof(Patience), Patience, "it must be at least 1 epoch");
        OptionRule.Require(MinDelta is >= 0 and < double.PositiveInfinity, nameof(MinDelta), MinDelta, "it must be 0 or more");
    }

    /// <summary>Watches one training.</summary>
    internal sealed class Callback(EarlyStopping criteria) : IStatefulCallback
    {
        public string Name => "early stopping";

        private double _best = double.NegativeInfinity;
        private int _epochsWithout;

        public void OnEpochEnd(TrainingContext context)
        {
            var last = context.Epochs[^1];
            double value = criteria.Metric == EarlyStoppingMetric.Accuracy ? last.ValidationAccuracy!.Value : -last.ValidationLoss!.Value;
            if (value > _best + criteria.MinDelta)
                (_best, _epochsWithout) = (value, 0);
            else
                _epochsWithout++;
            if (_epochsWithout < criteria.Patience || context.IsComplete)
                return;
            context.StopRequested = true;
            context.Log.Info(FormattableString.Invariant(
                $"Stopped after epoch {last.Epoch}: the validation {criteria.Metric.ToString().ToLowerInvariant()} has not improved by more than {criteria.MinDelta} in {Quantity.Of(_epochsWithout, "epoch")}."));
        }

        public void Save(BinaryWriter writer)
        {
            writer.Write(_best);
            writer.Write(_epochsWithout);
        }

        public void Load(BinaryReader reader) => (_best, _epochsWithout) = (reader.ReadDouble(), reader.ReadInt32());
    }
}

/// <summary>What early stopping watches.</summary>
public enum EarlyStoppingMetric
{
    /// <summary>The share of validation rows classified correctly.</summary>
    Accuracy,

    /// <summary>The mean cross-entropy of the validation rows.</summary>
    Loss,
}
