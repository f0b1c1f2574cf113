using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>Writes images of heat maps as PNG files.</summary>
/// <param name="folder">The folder, which is there.</param>
/// <param name="classNames">The names of the classes.</param>
internal sealed class HeatMapFiles(string folder, IReadOnlyList<string> classNames)
{
    private static readonly char[] Illegal = [.. Path.GetInvalidFileNameChars(), '/', '\\', ':'];

    /// <summary>Writes an image beside its file and renames it.</summary>
    /// <param name="image">The image.</param>
    /// <param name="row">The row, from 0.</param>
    /// <param name="classIndex">The class that is shown, from 0.</param>
    /// <param name="source">The path of the image that is explained, or nothing.</param>
    /// <returns>The path of the file.</returns>
    public string Write(MLImage image, long row, int classIndex, string source)
    {
        string name = FormattableString.Invariant($"{row + 1:D4}-{Legal(classNames[classIndex])}");
        if (Path.GetFileNameWithoutExtension(source) is { Length: > 0 } stem)
            name += $"-{Legal(stem)}";
        string path = Path.Combine(folder, name + ".png");
        // The format goes by the end of the name.
        string beside = Path.Combine(folder, name + ".new.png");
        try
        {
            image.Save(beside);
            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
        return path;
    }

    private static string Legal(string name) => string.Join('_', name.Split(Illegal));
}
