using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

internal static class Shapes
{
    /// <summary>What estimators are told of a view's schema; a chain tells its first member.</summary>
    public static SchemaShape Of(MLContext ml, IDataView data)
    {
        var listener = new Listener(ml);
        new EstimatorChain<ITransformer>().Append(listener).Fit(data);
        return listener.Shape!;
    }

    private sealed class Listener(MLContext ml) : IEstimator<ITransformer>
    {
        public SchemaShape? Shape { get; private set; }

        public ITransformer Fit(IDataView input) =>
            ml.Transforms.CopyColumns("Copy", input.Schema[0].Name).Fit(input);

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Shape = inputSchema;
    }
}
