using System.Runtime.CompilerServices;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

// A catalog knows its MLContext, but tells only ML.NET's own extension methods.
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Data")]

namespace MlNet.ImageClassification;

/// <summary>The environment behind a catalog, for the log of trainers that the catalog makes.</summary>
internal static class CatalogEnvironment
{
    public static IHostEnvironment Of(IInternalCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return catalog.Environment;
    }
}
