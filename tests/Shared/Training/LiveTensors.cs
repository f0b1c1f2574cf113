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
    /// total keeps 1 for each parameter ever made: the tensor it was made of, empty since.
    /// </summary>
    /// <param name="before">The <see cref="Count"/> at the start.</param>
    /// <param name="networks">Two for each model that was trained and has scored: the network that learned and the one that scored;
    /// one for each model that was loaded.</param>
    /// <param name="parametersOfNetwork">Parameters of a network, as tensors.</param>
    public static void AssertNoneLeft(long before, int networks, int parametersOfNetwork) =>
        Assert.AreEqual(before + (networks * parametersOfNetwork), torch.Tensor.TotalCount);
}
