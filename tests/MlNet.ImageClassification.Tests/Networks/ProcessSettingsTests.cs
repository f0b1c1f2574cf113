using System.Runtime.InteropServices;
using TorchSharp;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class ProcessSettingsTests
{
    [TestMethod]
    public void The_allocator_is_told_to_keep_pages_on_glibc_only()
    {
        var runtime = RuntimeInformation.RuntimeIdentifier;
        var onGlibc = OperatingSystem.IsLinux() && !runtime.Contains("musl") && !runtime.Contains("alpine");
        Assert.AreEqual(onGlibc, NativeMemory.KeepFreedPages());
        Assert.AreEqual(onGlibc, NativeMemory.KeepFreedPages(), "the second call");
    }

    [TestMethod]
    public void Cores_are_no_more_than_processors() =>
        Assert.IsInRange(1, Environment.ProcessorCount, ThreadCount.PhysicalCores);

    [TestMethod]
    public void A_number_of_threads_the_user_chose_is_kept()
    {
        try
        {
            // The tests run with OMP_NUM_THREADS=1.
            Assert.AreEqual(1, ThreadCount.UseAllCores());
            torch.set_num_threads(3);
            Assert.AreEqual(3, ThreadCount.UseAllCores());
        }
        finally
        {
            torch.set_num_threads(1);
        }
    }

    [TestMethod]
    public void All_cores_are_used_where_nobody_chose()
    {
        var chosen = Environment.GetEnvironmentVariable("OMP_NUM_THREADS");
        try
        {
            Environment.SetEnvironmentVariable("OMP_NUM_THREADS", null);
            Assert.AreEqual(ThreadCount.PhysicalCores, ThreadCount.UseAllCores());
            Assert.AreEqual(ThreadCount.PhysicalCores, torch.get_num_threads());
        }
        finally
        {
            Environment.SetEnvironmentVariable("OMP_NUM_THREADS", chosen);
            torch.set_num_threads(1);
        }
    }
}
