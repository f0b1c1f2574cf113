using Microsoft.ML.Runtime;

namespace MlNet.ImageClassification;

/// <summary>The GPU that an MLContext asks for. The context tells it to everybody, a catalog's environment only to ML.NET.</summary>
/// <param name="DeviceId">The device's number.</param>
/// <param name="FallbackToCpu">Whether the CPU may do its work where it is absent.</param>
internal readonly record struct GpuChoice(int DeviceId, bool FallbackToCpu)
{
    /// <summary>The choice of an MLContext or of a catalog's environment; null when there is none.</summary>
    public static GpuChoice? Of(IHostEnvironment? environment) =>
        environment is IHostEnvironmentInternal { GpuDeviceId: int device } host
            ? new GpuChoice(device, host.FallbackToCpu)
            : null;
}

/// <summary>The seed of an MLContext.</summary>
internal static class ContextSeed
{
    /// <summary>The seed that the context was made with; null when there is none.</summary>
    public static int? Of(IHostEnvironment? environment) => (environment as IHostEnvironmentInternal)?.Seed;
}
