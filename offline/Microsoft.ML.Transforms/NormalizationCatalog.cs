using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML;

public static class NormalizationCatalog
{
    /// <summary>Brings each slot to mean 0 and variance 1, or with <paramref name="fixZero"/> to mean square 1.</summary>
    /// <param name="useCdf">Whether to map to probabilities instead.</param>
    public static NormalizingEstimator NormalizeMeanVariance(
        this TransformsCatalog catalog,
        string outputColumnName,
        string inputColumnName = null,
        long maximumExampleCount = NormalizingEstimator.DefaultMaximumExampleCount,
        bool fixZero = true,
        bool useCdf = false) =>
        Make(catalog,
            useCdf ? NormalizingEstimator.NormalizerKind.MeanVarianceCdf : NormalizingEstimator.NormalizerKind.MeanVariance,
            outputColumnName, inputColumnName, maximumExampleCount, fixZero);

    /// <summary>Brings each slot into the range 0 to 1, or with <paramref name="fixZero"/> into -1 to 1.</summary>
    public static NormalizingEstimator NormalizeMinMax(
        this TransformsCatalog catalog,
        string outputColumnName,
        string inputColumnName = null,
        long maximumExampleCount = NormalizingEstimator.DefaultMaximumExampleCount,
        bool fixZero = true) =>
        Make(catalog, NormalizingEstimator.NormalizerKind.MinMax, outputColumnName, inputColumnName, maximumExampleCount, fixZero);

    private static NormalizingEstimator Make(
        TransformsCatalog catalog,
        NormalizingEstimator.NormalizerKind kind,
        string outputColumnName,
        string inputColumnName,
        long maximumExampleCount,
        bool fixZero) =>
        new(CatalogUtils.GetEnvironment(catalog), new NormalizingEstimator.Settings(
            kind, outputColumnName, inputColumnName ?? outputColumnName, maximumExampleCount, fixZero));
}
