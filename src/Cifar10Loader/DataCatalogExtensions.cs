using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace Cifar10Loader;

/// <summary>The loaders as methods of <c>mlContext.Data</c>.</summary>
public static class DataCatalogExtensions
{
    /// <inheritdoc cref="ImageFolder.Load"/>
    public static IDataView LoadImageFolder(
        this DataOperationsCatalog catalog,
        string directory,
        IReadOnlyList<string>? classNames = null,
        Func<string, bool>? filter = null) => ImageFolder.Open(EnvironmentOf(catalog), directory, classNames, filter);

    /// <inheritdoc cref="ImageManifest.Load"/>
    public static IDataView LoadImageManifest(
        this DataOperationsCatalog catalog,
        string path,
        string? imageFolder = null,
        IReadOnlyList<string>? classNames = null,
        string? pathColumn = null,
        string? labelColumn = null,
        string pathSuffix = "",
        bool allowRepeats = false,
        bool skipMissing = false) => ImageManifest.Open(
            EnvironmentOf(catalog), path, imageFolder, classNames, pathColumn, labelColumn, pathSuffix, allowRepeats, skipMissing);

    /// <inheritdoc cref="Cifar10.Load"/>
    public static IDataView LoadCifar10(this DataOperationsCatalog catalog, string directory, Cifar10Split split) =>
        Cifar10.Open(EnvironmentOf(catalog), directory, split);

    /// <inheritdoc cref="Cifar100.Load"/>
    public static IDataView LoadCifar100(this DataOperationsCatalog catalog, string directory, Cifar10Split split) =>
        Cifar100.Open(EnvironmentOf(catalog), directory, split);

    private static IHostEnvironment EnvironmentOf(DataOperationsCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return Environment(catalog);
    }

    /// <summary>A catalog knows its MLContext, but tells it only through an interface that ML.NET keeps internal.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "Microsoft.ML.Data.IInternalCatalog.get_Environment")]
    private static extern IHostEnvironment Environment(DataOperationsCatalog catalog);
}
