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
        bool onCpu = chosen.type == DeviceType.CPU;
        return new ComputeTarget(chosen, precision switch
        {
            ComputePrecision.Float32 => ScalarType.Float32,
            ComputePrecision.BFloat16 => ScalarType.BFloat16,
            ComputePrecision.Float16 => ScalarType.Float16,
            _ => onCpu && !CpuHasBFloat16() ? ScalarType.Float32 : ScalarType.BFloat16,
        });
    }

    /// <summary>
    /// The same for a model that another machine may have trained: a processor computes in Float16 many times more slowly than in
    /// the type it would choose itself, which it takes instead.
    /// </summary>
    public static ComputeTarget ResolveToScore(ComputeDevice device, ComputePrecision precision, TrainingLog log)
    {
        if (precision != ComputePrecision.Float16 || Resolve(device, localRank: 0).type != DeviceType.CPU)
            return Resolve(device, precision);
        var target = Resolve(ComputeDevice.Cpu, ComputePrecision.Auto);
        log.Warning($"The model was trained in {precision}, which processors compute in slowly; it scores on {target}.");
        return target;
    }

    /// <summary>The device and the type, for the log.</summary>
    public override string ToString() => $"{(Device.type == DeviceType.CPU ? "the CPU" : Device.ToString())} in {Type}";

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
