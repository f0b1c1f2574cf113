using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public abstract partial class TrainCatalogBase
{
    private protected CrossValidationResult<TMetrics>[] CrossValidate<TMetrics>(
        IDataView data,
        IEstimator<ITransformer> estimator,
        int numberOfFolds,
        string samplingKeyColumnName,
        int? seed,
        Func<IDataView, TMetrics> evaluate)
        where TMetrics : class
    {
        Environment.CheckValue(data, nameof(data));
        Environment.CheckValue(estimator, nameof(estimator));
        Environment.CheckParam(numberOfFolds > 1, "numFolds", "Must be more than 1");

        // All folds are trained before the first is evaluated.
        var folds = DataOperationsCatalog.SplitIntoFolds(Environment, data, numberOfFolds, samplingKeyColumnName, seed)
            .Select(split =>
            {
                var model = estimator.Fit(split.TrainSet);
                // A chain's parts that plain Transform leaves out belong to the evaluation of the whole.
                var scored = model is ITransformerChainAccessor chain
                    ? new TransformerChain<ITransformer>(chain.Transformers, chain.Scopes).Transform(split.TestSet, TransformerScope.Everything)
                    : model.Transform(split.TestSet);
                return (model, scored);
            })
            .ToArray();
        return [.. folds.Select((fold, i) => new CrossValidationResult<TMetrics>(fold.model, evaluate(fold.scored), fold.scored, i))];
    }

    /// <summary>What came of one fold.</summary>
    public sealed class CrossValidationResult<T>
        where T : class
    {
        public readonly T Metrics;
        public readonly ITransformer Model;

        /// <summary>The fold's test set with the model's scores, computed when read.</summary>
        public readonly IDataView ScoredHoldOutSet;

        public readonly int Fold;

        internal CrossValidationResult(ITransformer model, T metrics, IDataView scoredHoldOutSet, int fold)
        {
            Model = model;
            Metrics = metrics;
            ScoredHoldOutSet = scoredHoldOutSet;
            Fold = fold;
        }
    }
}
