using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>How an extension method of a catalog gets at the environment of the context the catalog belongs to.</summary>
internal interface IInternalCatalog
{
    IHostEnvironment Environment { get; }
}

internal static class CatalogUtils
{
    public static IHostEnvironment GetEnvironment(this IInternalCatalog catalog)
    {
        Contracts.CheckValue(catalog, nameof(catalog));
        return catalog.Environment;
    }
}
