using System.Runtime.InteropServices;
using System.Text;

namespace MlNet.ImageClassification;

/// <summary>
/// What kind of device a CUDA device is. TorchSharp does not tell; NVIDIA's driver does, and numbers the devices as LibTorch does, by
/// CUDA_VISIBLE_DEVICES and CUDA_DEVICE_ORDER.
/// </summary>
/// <param name="Name">The product, as "NVIDIA H200".</param>
/// <param name="MemoryBytes">Its memory, used or not.</param>
/// <param name="Capability">Its compute capability: which instructions it has.</param>
/// <param name="DriverCuda">The newest version of CUDA that the driver runs.</param>
internal sealed record CudaDevice(string Name, long MemoryBytes, Version Capability, Version DriverCuda)
{
    // From cuda.h.
    private const int CapabilityMajor = 75;
    private const int CapabilityMinor = 76;

    /// <summary>Asks the driver, which needs no CUDA library and takes no memory of the device.</summary>
    /// <param name="index">The number of the device, from 0.</param>
    /// <param name="library">The driver's library; null for the system's.</param>
    /// <returns>The device; null where there is no such device or driver.</returns>
    public static CudaDevice? Find(int index, string? library = null) => Ask<CudaDevice?>(index, library, (driver, device) =>
    {
        byte[] name = new byte[256];
        return driver.Get<GetVersion>("cuDriverGetVersion")(out int cuda) == 0
            && driver.Get<GetName>("cuDeviceGetName")(name, name.Length, device) == 0
            && driver.Get<GetMemory>("cuDeviceTotalMem_v2")(out nuint bytes, device) == 0
            && driver.Get<GetAttribute>("cuDeviceGetAttribute")(out int major, CapabilityMajor, device) == 0
            && driver.Get<GetAttribute>("cuDeviceGetAttribute")(out int minor, CapabilityMinor, device) == 0
                ? new CudaDevice(
                    Encoding.UTF8.GetString(name).TrimEnd('\0'), (long)bytes, new Version(major, minor), new Version(cuda / 1000, cuda % 1000 / 10))
                : null;
    });

    /// <summary>What is free of a device's memory, in bytes; 0 where that cannot be told.</summary>
    /// <inheritdoc cref="Find" path="/param"/>
    public static long FreeMemory(int index, string? library = null) => Ask(index, library, (driver, device) =>
    {
        // The context that LibTorch computes in; the driver counts who holds it.
        if (driver.Get<Retain>("cuDevicePrimaryCtxRetain")(out nint context, device) != 0)
            return 0;
        nuint free = 0;
        if (driver.Get<Push>("cuCtxPushCurrent_v2")(context) == 0)
        {
            if (driver.Get<GetFree>("cuMemGetInfo_v2")(out free, out _) != 0)
                free = 0;
            driver.Get<Pop>("cuCtxPopCurrent_v2")(out _);
        }
        driver.Get<Release>("cuDevicePrimaryCtxRelease_v2")(device);
        return (long)free;
    });

    private static T? Ask<T>(int index, string? library, Func<Driver, int, T> question)
    {
        if (!NativeLibrary.TryLoad(library ?? (OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1"), out nint handle))
            return default;
        var driver = new Driver(handle);
        try
        {
            return driver.Get<Init>("cuInit")(0) == 0 && driver.Get<GetDevice>("cuDeviceGet")(out int device, index) == 0
                ? question(driver, device)
                : default;
        }
        catch (EntryPointNotFoundException)
        {
            return default;
        }
    }

    /// <summary>The device in a few words.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{Name}, {MemoryBytes / (double)(1 << 30):f1} GiB, compute capability {Capability}, driver for CUDA {DriverCuda}");

    private readonly record struct Driver(nint Library)
    {
        public T Get<T>(string function) => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(Library, function));
    }

    private delegate int Init(uint flags);

    private delegate int GetVersion(out int version);

    private delegate int GetDevice(out int device, int index);

    private delegate int GetName([Out] byte[] name, int length, int device);

    private delegate int GetMemory(out nuint bytes, int device);

    private delegate int GetAttribute(out int value, int attribute, int device);

    private delegate int Retain(out nint context, int device);

    private delegate int Push(nint context);

    private delegate int GetFree(out nuint free, out nuint total);

    private delegate int Pop(out nint context);

    private delegate int Release(int device);
}
