using System.Runtime.InteropServices;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class NativeMemoryTests
{
    [TestMethod]
    public void The_allocator_is_told_to_keep_pages_on_glibc_only()
    {
        var runtime = RuntimeInformation.RuntimeIdentifier;
        var onGlibc = OperatingSystem.IsLinux() && !runtime.Contains("musl") && !runtime.Contains("alpine");
        Assert.AreEqual(onGlibc, NativeMemory.KeepFreedPages());
        Assert.AreEqual(onGlibc, NativeMemory.KeepFreedPages(), "the second call");
    }
}
