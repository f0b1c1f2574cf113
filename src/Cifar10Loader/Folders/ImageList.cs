using Microsoft.ML;
using Microsoft.ML.Data;

namespace Cifar10Loader;

/// <summary>Labelled image files as a data view: Label, ClassName and ImagePath. The files are not opened.</summary>
internal static class ImageList
{
    /// <param name="root">Folder that the paths are relative to.</param>
    /// <param name="images">For each image its path and the name of its class.</param>
    /// <param name="classNames">The classes in label order.</param>
    public static IDataView Create(string root, List<(string Path, string Class)> images, string[] classNames)
    {
        Dictionary<string, int> classIndex = classNames.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        string[] paths = [.. images.Select(image => image.Path)];
        int[] classes = [.. images.Select(image => classIndex[image.Class])];

        var schema = new DataViewSchema.Builder();
        ClassLabels.AddKeyColumn(schema, "Label", classNames);
        schema.AddColumn("ClassName", TextDataViewType.Instance);
        schema.AddColumn("ImagePath", TextDataViewType.Instance);
        return new IndexedDataView(
            schema.ToSchema(),
            paths.Length,
            ClassLabels.KeyGetter(row => classes[row]),
            TextGetter(row => classNames[classes[row]]),
            TextGetter(row => Path.Combine(root, paths[row])));
    }

    /// <summary>
    /// The classes in label order: those given, which then must contain every one found, or those found, sorted.
    /// </summary>
    public static string[] ClassNames(IReadOnlyList<string>? given, IEnumerable<string> found, ProblemList problems)
    {
        string[] sorted = [.. found.Distinct().Order(StringComparer.Ordinal)];
        problems.CheckCase(sorted);
        if (given is null)
            return sorted;
        foreach (string name in sorted.Except(given))
            problems.Add($"the class '{name}' is not among the given class names {string.Join(", ", given)}");
        return ClassNamesFile.Check([.. given], "classNames");
    }

    private static Func<CurrentRow, Delegate> TextGetter(Func<int, string> text) =>
        row => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = text(row.Required).AsMemory());
}
