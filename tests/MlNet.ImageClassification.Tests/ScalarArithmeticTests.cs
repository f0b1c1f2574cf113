using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

/// <summary>Numbers in operations on tensors, while garbage is collected all the time.</summary>
[TestClass]
public sealed class ScalarArithmeticTests
{
    [TestMethod]
    public void Numbers_live_as_long_as_the_operation_they_are_for()
    {
        LibTorch.Load();
        using var scope = NewDisposeScope();
        var tensor = ones(4);
        var other = full(4, 2f);
        using var ended = new CancellationTokenSource();
        var collector = Task.Run(() =>
        {
            while (!ended.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        try
        {
            // 1 * 3 + 2 * 0.5 + 2 * 2 * 0.25 - 4 + 1 = 2, and 2 / 2 = 1
            for (int i = 0; i < 3000; i++)
            {
                tensor.MultiplyBy(3).AddMultiple(other, 0.5).AddProduct(other, other, 0.25).AddMultiple(other, -2).Increment();
                using var half = tensor.DividedBy(2);
                tensor.copy_(half);
            }
        }
        finally
        {
            ended.Cancel();
            collector.Wait();
        }
        CollectionAssert.AreEqual(new[] { 1f, 1f, 1f, 1f }, tensor.data<float>().ToArray());
    }
}
