using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>The GPU that an MLContext asks for. The context tells it to everybody, a catalog's environment only to ML.NET.</summary>
internal static class GpuChoice
{
    /// <summary>The device to compute on: the context's choice of a GPU holds where the device is left open.</summary>
    /// <param name="device">The device that was asked for.</param>
    /// <param name="environment">An MLContext or a catalog's environment; null when there is none.</param>
    /// <param name="log">Receives the warning that the CPU stands in for the GPU.</param>
    /// <exception cref="InvalidOperationException">There is no such GPU, and the context forbids the CPU.</exception>
    public static ComputeDevice Apply(ComputeDevice device, IHostEnvironment? environment, TrainingLog log)
    {
        if (!device.IsAuto || environment is not IHostEnvironmentInternal { GpuDeviceId: int gpu } host)
            return device;
        if (gpu >= 0 && gpu < ComputeTarget.CudaDeviceCount)
            return ComputeDevice.Cuda(gpu);

        string absent = $"mlContext.GpuDeviceId is {gpu}, but {ComputeTarget.DescribeCudaDevices()}";
        if (!host.FallbackToCpu)
            throw new InvalidOperationException($"{absent} Set mlContext.FallbackToCpu to use the CPU where there is no such device.");
        log.Warning($"{absent} The CPU is used.");
        return ComputeDevice.Cpu;
    }
}

/// <summary>The seed of an MLContext.</summary>
internal static class ContextSeed
{
    /// <summary>The seed that the context was made with; null when there is none.</summary>
    public static int? Of(IHostEnvironment? environment) => (environment as IHostEnvironmentInternal)?.Seed;
}
