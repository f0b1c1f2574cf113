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

    /// <summary>
    /// Fails where a tensor is left of the networks made and disposed of since <paramref name="before"/> was counted. TorchSharp's
    /// total keeps 1 for each parameter ever made (the tensor it was made of, empty since), so it grows by whole networks.
    /// </summary>
    public static void AssertNoneLeft(long before, int parametersOfNetwork)
    {
        var growth = torch.Tensor.TotalCount - before;
        Assert.AreEqual(0, growth % parametersOfNetwork, $"The tensors alive grew by {growth}; a network has {parametersOfNetwork} parameters.");
    }
}
