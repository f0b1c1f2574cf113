using TorchSharp;

namespace MlNetCnn.Tests;

/// <summary>
/// One thread of arithmetic, as small images gain nothing from more; MLNETCNN_TEST_THREADS tries another number.
/// </summary>
[TestClass]
public static class Threads
{
    [AssemblyInitialize]
    public static void Use(TestContext context)
    {
        var threads = Environment.GetEnvironmentVariable("MLNETCNN_TEST_THREADS") ?? "1";
        Environment.SetEnvironmentVariable("OMP_NUM_THREADS", threads);
        torch.set_num_threads(int.Parse(threads));
        TestDevice.WithoutTensorFloat32();
    }
}
