using TorchSharp;

namespace MlNet.ImageClassification.Tests;

/// <summary>Counts the tensors alive, without what earlier tests left to the garbage collector.</summary>
public static class LiveTensors
{
    public static long Count()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }
}
