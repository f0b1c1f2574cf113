using TorchSharp;

namespace MlNetCnn.Tests;

/// <summary>Counts the tensors alive, without what earlier tests left to the garbage collector.</summary>
internal static class LiveTensors
{
    public static long Count()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }
}
