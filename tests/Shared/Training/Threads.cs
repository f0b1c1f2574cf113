using TorchSharp;

namespace MlNetCnn.Tests;

/// <summary>One thread of arithmetic: small images gain nothing from more, and results are the same on every machine.</summary>
[TestClass]
public static class Threads
{
    [AssemblyInitialize]
    public static void UseOne(TestContext context)
    {
        Environment.SetEnvironmentVariable("OMP_NUM_THREADS", "1");
        torch.set_num_threads(1);
    }
}
