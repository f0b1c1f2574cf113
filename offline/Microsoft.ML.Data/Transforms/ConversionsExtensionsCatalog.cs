using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML;

public static class ConversionsExtensionsCatalog
{
    /// <summary>Numbers the distinct values of a column, from 1.</summary>
    /// <param name="keyData">One column with the values to number; without it, those of the training data.</param>
    public static ValueToKeyMappingEstimator MapValueToKey(
        this TransformsCatalog.ConversionTransforms catalog,
        string outputColumnName,
        string inputColumnName = null,
        int maximumNumberOfKeys = 1000000,
        ValueToKeyMappingEstimator.KeyOrdinality keyOrdinality = ValueToKeyMappingEstimator.KeyOrdinality.ByOccurrence,
        bool addKeyValueAnnotationsAsText = false,
        IDataView keyData = null) =>
        new(CatalogUtils.GetEnvironment(catalog), new ValueToKeyMappingEstimator.Settings(
            outputColumnName, inputColumnName ?? outputColumnName, maximumNumberOfKeys, keyOrdinality,
            addKeyValueAnnotationsAsText, keyData));

    /// <summary>Turns keys back into the values they stand for.</summary>
    public static KeyToValueMappingEstimator MapKeyToValue(
        this TransformsCatalog.ConversionTransforms catalog, string outputColumnName, string inputColumnName = null) =>
        new(CatalogUtils.GetEnvironment(catalog), outputColumnName, inputColumnName);
}
