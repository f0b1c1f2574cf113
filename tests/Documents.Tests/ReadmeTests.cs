using System.Diagnostics;
using SkiaSharp;

namespace Documents.Tests;

[TestClass]
public sealed class ReadmeTests
{
    [TestMethod]
    public void The_program_of_the_readme_is_the_quick_start_example()
    {
        var example = File.ReadAllText(Path.Combine(Document.Root, "examples/QuickStart/Program.cs")).ReplaceLineEndings("\n");

        Assert.AreEqual(example, new Document("README.md").CSharp.First().Code);
    }

    [TestMethod]
    public void The_program_of_the_readme_trains_evaluates_and_saves()
    {
        using var home = new TempFolder();
        foreach (var (name, color) in new[] { ("red", SKColors.Red), ("blue", SKColors.Blue) })
        {
            for (byte i = 0; i < 4; i++)
                Draw(home.At($"photos/{name}/{i}.png"), color.WithAlpha((byte)(255 - (8 * i))));
        }

        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "QuickStart.dll"), home.At("photos")])
        {
            WorkingDirectory = home.Path,
        };
        start.Environment["OMP_NUM_THREADS"] = "1";
        var run = ChildProcess.Run(start);

        Assert.AreEqual(0, run.ExitCode, run.Output + run.Errors);
        // One image of each class is held out, and any network tells the colors apart.
        Assert.Contains("accuracy 100.0", run.Output);
        Assert.IsTrue(File.Exists(home.At("model.zip")));
    }

    private static void Draw(string path, SKColor color)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var bitmap = new SKBitmap(32, 32);
        bitmap.Erase(color);
        using var file = File.Create(path);
        bitmap.Encode(file, SKEncodedImageFormat.Png, 100);
    }
}
