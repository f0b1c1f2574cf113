using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public static class TextLoaderSaverCatalog
{
    public static IDataView LoadFromTextFile(this DataOperationsCatalog catalog, string path,
        TextLoader.Column[] columns, char separatorChar = '\t', bool hasHeader = false, bool allowQuoting = false,
        bool trimWhitespace = false, bool allowSparse = false)
    {
        CheckPath(path);
        var options = MakeOptions(separatorChar, hasHeader, allowQuoting, trimWhitespace, allowSparse);
        options.Columns = columns;
        return new TextView(CatalogUtils.GetEnvironment(catalog), options, path, sampleFile: false);
    }

    public static IDataView LoadFromTextFile(this DataOperationsCatalog catalog, string path,
        TextLoader.Options options = null)
    {
        CheckPath(path);
        return new TextView(CatalogUtils.GetEnvironment(catalog), options ?? new TextLoader.Options(), path, sampleFile: true);
    }

    public static IDataView LoadFromTextFile<TInput>(this DataOperationsCatalog catalog, string path,
        char separatorChar = '\t', bool hasHeader = false, bool allowQuoting = false, bool trimWhitespace = false,
        bool allowSparse = false) =>
        LoadFromTextFile<TInput>(catalog, path,
            MakeOptions(separatorChar, hasHeader, allowQuoting, trimWhitespace, allowSparse));

    public static IDataView LoadFromTextFile<TInput>(this DataOperationsCatalog catalog, string path,
        TextLoader.Options options)
    {
        CheckPath(path);
        options.Columns = TextLoader.ColumnsOf<TInput>();
        return new TextView(CatalogUtils.GetEnvironment(catalog), options, path, sampleFile: false);
    }

    private static TextLoader.Options MakeOptions(char separator, bool hasHeader, bool allowQuoting,
        bool trimWhitespace, bool allowSparse) =>
        new()
        {
            Separators = [separator],
            HasHeader = hasHeader,
            AllowQuoting = allowQuoting,
            TrimWhitespace = trimWhitespace,
            AllowSparse = allowSparse,
        };

    private static void CheckPath(string path)
    {
        Contracts.CheckNonEmpty(path, nameof(path));
        if (!File.Exists(path))
            throw Contracts.ExceptParam(nameof(path), $"File or directory does not exist at path: {path}");
    }
}
