using Microsoft.ML;
using Microsoft.ML.Data;

namespace Cifar10Loader;

/// <summary>Labeled image files as a data view: Label, ClassName and ImagePath. The files are not opened.</summary>
internal static class ImageList
{
    /// <summary>Tells the log what was found, and makes the data view of it where nothing is wrong.</summary>
    /// <param name="source">The folder or manifest as the caller named it.</param>
    /// <param name="root">Folder that the paths are relative to.</param>
    /// <param name="images">For each image its path and the name of its class.</param>
    /// <param name="classNames">The classes in label order; null: those of the images, in ordinal order.</param>
    /// <param name="remarks">What was left out; written to the log.</param>
    /// <param name="problems">What is wrong; thrown if there is any.</param>
    /// <param name="advice">What to say with the problems.</param>
    /// <param name="log">Receives the remarks, and the number of images.</param>
    public static IDataView Create(
        string source,
        string root,
        List<(string Path, string Class)> images,
        IReadOnlyList<string>? classNames,
        Remarks remarks,
        ProblemList problems,
        string advice,
        LoaderLog log)
    {
        string[] found = [.. images.Select(image => image.Class).Distinct().Order(StringComparer.Ordinal)];
        string[] classes = classNames is null ? found : [.. classNames];
        if (ClassNamesFile.Clash(found) is { } clash)
            problems.Add(clash);
        string given = string.Join(", ", classes.Take(10)) + (classes.Length > 10 ? ", ..." : "");
        foreach (string name in found.Except(classes))
            problems.Add($"the class '{name}' is not among the given class names {given}");
        foreach (string name in classes.Except(found))
            remarks.Add("classes without an image", name);

        remarks.WriteTo(log);
        problems.ThrowIfAny(advice);
        log.Info($"{images.Count:N0} image{(images.Count == 1 ? "" : "s")} of {found.Length:N0} class{(found.Length == 1 ? "" : "es")} in '{source}'.");
        return View(root, images, classes);
    }

    /// <exception cref="ArgumentException">The list is empty, or a name is null, empty or there twice.</exception>
    public static void CheckNames(IReadOnlyList<string>? classNames)
    {
        if (classNames is null)
            return;
        for (int i = 0; i < classNames.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(classNames[i]))
            {
                throw new ArgumentException(
                    $"classNames[{i}] is {(classNames[i] is null ? "null" : $"'{classNames[i]}'")}; a class has a name.",
                    nameof(classNames));
            }
        }

        if (classNames.Count == 0)
        {
            throw new ArgumentException(
                "classNames is empty; leave it null to take the classes that are found.", nameof(classNames));
        }

        if (ClassNamesFile.Clash(classNames) is { } clash)
            throw new ArgumentException($"classNames has {clash}", nameof(classNames));
    }

    private static IndexedDataView View(string root, List<(string Path, string Class)> images, string[] classNames)
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

    private static Func<CurrentRow, Delegate> TextGetter(Func<int, string> text) =>
        row => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = text(row.Required).AsMemory());
}
