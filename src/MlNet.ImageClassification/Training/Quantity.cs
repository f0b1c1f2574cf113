namespace MlNet.ImageClassification;

/// <summary>Numbers in messages.</summary>
internal static class Quantity
{
    /// <summary>A number of things, such as "1 row", "2 rows" or "3 classes".</summary>
    public static string Of(long count, string noun) => $"{count} {noun}{(count == 1 ? "" : noun.EndsWith('s') ? "es" : "s")}";
}
