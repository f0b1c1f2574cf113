using System.ComponentModel;
using System.Diagnostics;

namespace MlNet.ImageClassification.Tests;

/// <summary>A library with functions of NVIDIA's driver, compiled for a test.</summary>
internal static class CompiledDriver
{
    /// <summary>Compiles a driver of its own name: the loader knows the others by theirs.</summary>
    /// <param name="folder">Where it is put.</param>
    /// <param name="code">Its source in C.</param>
    /// <returns>Its path. Where there is no compiler the test is skipped with a word.</returns>
    public static string In(TempFolder folder, string code)
    {
        string path = folder.At($"lib{Guid.NewGuid():n}.so");
        File.WriteAllText(path + ".c", code);
        try
        {
            using var compiler = Process.Start("gcc", ["-shared", "-fPIC", "-o", path, path + ".c"]);
            compiler.WaitForExit();
            Assert.AreEqual(0, compiler.ExitCode);
        }
        catch (Win32Exception)
        {
            Assert.Inconclusive("There is no gcc to compile a driver with.");
        }
        return path;
    }
}
