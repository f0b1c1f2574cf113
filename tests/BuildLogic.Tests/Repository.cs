namespace BuildLogic.Tests;

internal static class Repository
{
    /// <summary>The folder of MlNetCnn.sln, above the folder that the tests run in.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MlNetCnn.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException($"No folder above '{AppContext.BaseDirectory}' holds MlNetCnn.sln; run these tests from the repository's build output.");
    }
}
