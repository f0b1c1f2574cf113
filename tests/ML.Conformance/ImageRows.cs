using Microsoft.ML;
using Microsoft.ML.Data;

namespace ML.Conformance;

internal sealed class PathRow
{
    public string Path { get; set; } = "";
}

internal sealed class PixelsRow
{
    public float[] Pixels { get; set; } = [];
}

/// <summary>Reads columns row by row through a cursor, as trainers do.</summary>
internal static class ImageRows
{
    public static IDataView OfPaths(MLContext mlContext, params string[] paths) =>
        mlContext.Data.LoadFromEnumerable(paths.Select(path => new PathRow { Path = path }));

    public static List<T[]> ReadVectors<T>(IDataView data, string name)
    {
        var column = data.Schema[name];
        using var cursor = data.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<T>>(column);
        var rows = new List<T[]>();
        VBuffer<T> row = default;
        while (cursor.MoveNext())
        {
            getter(ref row);
            rows.Add([.. row.DenseValues()]);
        }

        return rows;
    }

    /// <summary>Calls back with each row's image while it is valid.</summary>
    public static void ReadImages(IDataView data, string name, Action<MLImage> look)
    {
        var column = data.Schema[name];
        using var cursor = data.GetRowCursor([column]);
        var getter = cursor.GetGetter<MLImage>(column);
        MLImage image = null!;
        while (cursor.MoveNext())
        {
            getter(ref image);
            look(image);
        }
    }
}

/// <summary>Runs where the stand-ins of offline/ take the place of the real packages, for what only they do.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class StandInOnlyAttribute : ConditionBaseAttribute
{
    public StandInOnlyAttribute(string reason)
        : base(ConditionMode.Include) => IgnoreMessage = reason;

    public override string GroupName => nameof(StandInOnlyAttribute);

    // The real package decodes with Skia.
    public override bool IsConditionMet =>
        !typeof(MLImage).Assembly.GetReferencedAssemblies().Any(assembly => assembly.Name == "SkiaSharp");
}
