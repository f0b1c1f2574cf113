namespace ML.Conformance;

/// <summary>A folder for one test's files; gone when the test is.</summary>
public sealed class TestFiles : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ml-conformance-").FullName;

    public string Write(string name, params string[] lines)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllLines(path, lines);
        return path;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static string Golden(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", name);
}
