using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>A device and the type its convolutions compute in.</summary>
internal readonly record struct ComputeTarget(Device Device, ScalarType Type)
{
    /// <summary>The number of CUDA devices that can be used.</summary>
    public static int CudaDeviceCount => cuda.is_available() ? cuda.device_count() : 0;

    /// <summary>Which CUDA devices there are, as the end of a sentence that says one is missing.</summary>
    public static string DescribeCudaDevices() => CudaDeviceCount is var count and > 0
        ? $"this machine has {count} CUDA device(s), numbered from 0."
        : "no CUDA device can be used. Check the NVIDIA driver, and that the application references TorchSharp-cuda-linux or " +
          "TorchSharp-cuda-windows.";

    /// <summary>Chooses what the options leave open and checks what they fix.</summary>
    /// <param name="device">The device.</param>
    /// <param name="precision">The precision.</param>
    /// <param name="localRank">Which of the processes on this machine that train together this is: they take CUDA devices in turn.</param>
    public static ComputeTarget Resolve(ComputeDevice device, ComputePrecision precision, int localRank = 0)
    {
        var chosen = Resolve(device, localRank);
        return new ComputeTarget(chosen, precision switch
        {
            ComputePrecision.Float32 => ScalarType.Float32,
            ComputePrecision.BFloat16 => ScalarType.BFloat16,
            ComputePrecision.Float16 => ScalarType.Float16,
            _ when chosen.type == DeviceType.CPU => CpuHasBFloat16() ? ScalarType.BFloat16 : ScalarType.Float32,
            _ => BestOn(CapabilityOf(chosen)),
        });
    }

    /// <summary>
    /// The same for a model that another machine may have trained, whose type this device may compute in only slowly. A processor takes the
    /// type that it would choose itself in place of Float16; a GPU takes Float32 in place of BFloat16, of which Float16 has not the range.
    /// </summary>
    public static ComputeTarget ResolveToScore(ComputeDevice device, ComputePrecision precision, TrainingLog log)
    {
        var target = Resolve(device, precision);
        string slow;
        if (IsSlow(target.Type, CapabilityOf(target.Device)))
            (slow, target) = ("GPUs of compute capability below 8.0 compute", target with { Type = ScalarType.Float32 });
        else if (target is { Device.type: DeviceType.CPU, Type: ScalarType.Float16 })
            (slow, target) = ("processors compute", Resolve(ComputeDevice.Cpu, ComputePrecision.Auto));
        else
            return target;
        log.Warning($"The model was trained in {precision}, which {slow} in slowly; it scores on {target}.");
        return target;
    }

    /// <summary>The fastest type that a CUDA device has instructions for: BFloat16 from 8.0 (Ampere) on, Float16 from 5.3 on.</summary>
    /// <param name="capability">Its compute capability; null where it is not known.</param>
    internal static ScalarType BestOn(Version? capability) => capability switch
    {
        { Major: >= 8 } => ScalarType.BFloat16,
        { Major: > 5 } or { Major: 5, Minor: >= 3 } => ScalarType.Float16,
        _ => ScalarType.Float32,
    };

    /// <summary>Whether a CUDA device lacks the instructions of a type.</summary>
    internal static bool IsSlow(ScalarType type, Version? capability) =>
        type == ScalarType.BFloat16 && capability is not null && BestOn(capability) != ScalarType.BFloat16;

    /// <summary>The device and the type, for the log.</summary>
    public override string ToString() => $"{Describe(Device)} in {Type}";

    private static string Describe(Device device) =>
        device.type == DeviceType.CPU ? "the CPU" : Find(device) is { } known ? $"{device} ({known})" : device.ToString();

    private static Version? CapabilityOf(Device device) => Find(device)?.Capability;

    private static CudaDevice? Find(Device device) => device.type == DeviceType.CUDA ? CudaDevice.Find(device.index) : null;

    private static Device Resolve(ComputeDevice device, int localRank)
    {
        if (device.IsAuto)
            return cuda.is_available() ? torch.device(DeviceType.CUDA, localRank % cuda.device_count()) : CPU;
        if (device.CudaIndex is not int index)
            return CPU;
        if (index >= CudaDeviceCount)
            throw new InvalidOperationException($"Device is {device}, but {DescribeCudaDevices()} Or choose ComputeDevice.Auto.");
        return torch.device(DeviceType.CUDA, index);
    }

    // The flags AVX512_BF16 (leaf 7, sub-leaf 1, EAX bit 5) and AMX-BF16 (leaf 7, sub-leaf 0, EDX bit 22).
    private static bool CpuHasBFloat16() =>
        X86Base.IsSupported
        && X86Base.CpuId(0, 0).Eax >= 7
        && ((X86Base.CpuId(7, 0).Eax >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0)
            || (X86Base.CpuId(7, 0).Edx & (1 << 22)) != 0);
}
