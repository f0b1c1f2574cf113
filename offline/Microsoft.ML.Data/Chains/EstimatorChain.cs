using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Estimators that learn one after the other, each from what the ones before make of the data.</summary>
public sealed class EstimatorChain<TLastTransformer> : IEstimator<TransformerChain<TLastTransformer>>
    where TLastTransformer : class, ITransformer
{
    public readonly IEstimator<TLastTransformer> LastEstimator;
    private readonly EstimatorLink[] _links;

    public EstimatorChain()
        : this([])
    {
    }

    internal EstimatorChain(EstimatorLink[] links)
    {
        _links = links;
        LastEstimator = links.LastOrDefault()?.Estimator as IEstimator<TLastTransformer>;
    }

    public TransformerChain<TLastTransformer> Fit(IDataView input)
    {
        // Complains of a broken chain before anything is learned.
        GetOutputSchema(SchemaShape.Create(input.Schema));
        var transformers = new List<ITransformer>();
        foreach (var link in _links)
        {
            transformers.Add(link.Estimator.Fit(input));
            input = transformers[^1].Transform(input);
            if (link.CacheEnvironment is { } env && link != _links[^1])
                input = new CacheView(env, input);
        }
        return new TransformerChain<TLastTransformer>(transformers, _links.Select(link => link.Scope));
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        _links.Aggregate(inputSchema, (shape, link) => link.Estimator.GetOutputSchema(shape));

    public EstimatorChain<TNewTrans> Append<TNewTrans>(
        IEstimator<TNewTrans> estimator, TransformerScope scope = TransformerScope.Everything)
        where TNewTrans : class, ITransformer
    {
        Contracts.CheckValue(estimator, nameof(estimator));
        return new EstimatorChain<TNewTrans>([.. _links, new EstimatorLink(estimator, scope)]);
    }

    /// <summary>Has the members that follow learn from a copy of the data in memory.</summary>
    public EstimatorChain<TLastTransformer> AppendCacheCheckpoint(IHostEnvironment env)
    {
        Contracts.CheckValue(env, nameof(env));
        Contracts.Check(_links.Length > 0, "Current estimator chain has no estimator, can't append cache checkpoint.");
        return new EstimatorChain<TLastTransformer>([.. _links[..^1], _links[^1] with { CacheEnvironment = env }]);
    }
}

/// <summary>A member of a chain.</summary>
/// <param name="CacheEnvironment">Where to keep what it makes of the training data; null where it is not kept.</param>
internal sealed record EstimatorLink(
    IEstimator<ITransformer> Estimator, TransformerScope Scope, IHostEnvironment CacheEnvironment = null);
