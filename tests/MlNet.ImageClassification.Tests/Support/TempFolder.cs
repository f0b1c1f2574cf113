using Microsoft.ML.Data;

namespace MlNet.ImageClassification.Tests;

/// <summary>A folder of its own for a test, removed afterwards.</summary>
public sealed class TempFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlnetcnn-");

    public string Path => _folder.FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a tiny image as a PNG file.</summary>
    public string WriteImage(int index)
    {
        string path = File($"{index}.png");
        using var image = TinyImages.ToMLImage(TinyImages.Image(index));
        image.Save(path);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

/// <summary>Reports at once, on the thread that reports.</summary>
public sealed class Direct<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
