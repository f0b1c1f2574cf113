using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

/// <summary>What a CUDA device is asked for, by a driver made for the test, and what follows from its answers.</summary>
[TestClass]
public sealed class CudaDeviceTests
{
    // Device 0 is an H100, device 1 does not tell how much memory it has, and there is no third.
    private const string Driver = """
        #include <stddef.h>
        #include <string.h>
        static int initialized;
        int cuInit(unsigned flags) { initialized = 1; return flags != 0; }
        int cuDriverGetVersion(int *version) { *version = 12080; return 0; }
        int cuDeviceGet(int *device, int index) { *device = index + 40; return !initialized ? 3 : index < 2 ? 0 : 101; }
        int cuDeviceGetName(char *name, int length, int device) { strncpy(name, "NVIDIA H100", length); return 0; }
        int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = 85520809984; return device == 41; }
        int cuDeviceGetAttribute(int *value, int attribute, int device) { *value = attribute == 75 ? 9 : attribute == 76 ? 1 : -1; return 0; }
        """;

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void The_driver_tells_what_a_device_is()
    {
        using var folder = new TempFolder();
        string driver = CompiledDriver.In(folder, Driver);

        var device = CudaDevice.Find(0, driver);

        Assert.AreEqual(new CudaDevice("NVIDIA H100", 85520809984, new Version(9, 1), new Version(12, 8)), device);
        // 85520809984 / 2^30 = 79.65
        Assert.AreEqual("NVIDIA H100, 79.6 GiB, compute capability 9.1, driver for CUDA 12.8", device!.ToString());
        Assert.IsNull(CudaDevice.Find(1, driver), "An answer is missing.");
        Assert.IsNull(CudaDevice.Find(2, driver), "There is no such device.");
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Without_a_driver_or_with_one_that_lacks_a_function_nothing_is_known()
    {
        using var folder = new TempFolder();

        Assert.IsNull(CudaDevice.Find(0, folder.At("libnothing.so")));
        Assert.IsNull(CudaDevice.Find(0, CompiledDriver.In(folder, "int cuInit(unsigned flags) { return 0; }")));
    }

    [TestMethod]
    [DataRow(null, ScalarType.Float32)]
    [DataRow("3.5", ScalarType.Float32)]
    [DataRow("5.2", ScalarType.Float32)]
    [DataRow("5.3", ScalarType.Float16)]
    [DataRow("6.1", ScalarType.Float16)]
    [DataRow("7.5", ScalarType.Float16)]
    [DataRow("8.0", ScalarType.BFloat16)]
    [DataRow("8.9", ScalarType.BFloat16)]
    [DataRow("9.0", ScalarType.BFloat16)]
    [DataRow("12.0", ScalarType.BFloat16)]
    public void The_precision_follows_from_the_compute_capability(string? capability, ScalarType type) =>
        Assert.AreEqual(type, ComputeTarget.BestOn(capability is null ? null : Version.Parse(capability)));

    [TestMethod]
    [DataRow(ScalarType.BFloat16, "7.5", true)]
    [DataRow(ScalarType.BFloat16, "8.0", false)]
    [DataRow(ScalarType.BFloat16, null, false)]
    [DataRow(ScalarType.Float16, "7.5", false)]
    [DataRow(ScalarType.Float16, "9.0", false)]
    [DataRow(ScalarType.Float32, "5.0", false)]
    public void A_network_of_BFloat16_is_slow_on_a_device_without_it(ScalarType type, string? capability, bool slow) =>
        Assert.AreEqual(slow, ComputeTarget.IsSlow(type, capability is null ? null : Version.Parse(capability)));

    // docs/gpu.md says so, and that the library leaves both as they are.
    [TestMethod]
    public void LibTorch_lets_convolutions_but_not_products_take_TensorFloat32()
    {
        Assert.IsTrue(backends.cudnn.allow_tf32);
        Assert.IsFalse(backends.cuda.matmul.allow_tf32);
    }
}
