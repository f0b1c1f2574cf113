using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

/// <summary>Numbers in operations on tensors, while garbage is collected all the time.</summary>
[TestClass]
public sealed class ScalarArithmeticTests
{
    private const int Repetitions = 3000;

    [TestMethod]
    public void Numbers_live_as_long_as_the_operation_they_are_for()
    {
        LibTorch.Load();
        using var scope = NewDisposeScope();
        var tensor = ones(4);
        var other = full(4, 2f);
        WhileCollecting(() =>
        {
            // 1 * 3 + 2 * 0.5 + 2 * 2 * 0.25 - 4 + 1 = 2, and 2 / 2 = 1
            tensor.MultiplyBy(3).AddMultiple(other, 0.5).AddProduct(other, other, 0.25).AddMultiple(other, -2).Increment().AddInPlace(other).AddInPlace(-2);
            using var half = tensor.DividedBy(2);
            tensor.copy_(half);
        });
        CollectionAssert.AreEqual(new[] { 1f, 1f, 1f, 1f }, tensor.data<float>().ToArray());
    }

    [TestMethod]
    public void Numbers_live_as_long_as_the_step_of_an_optimizer()
    {
        LibTorch.Load();
        using var scope = NewDisposeScope();
        Tensor[] parameters = [zeros(4), zeros(2)], gradients = [ones(4), ones(2)];

        WhileCollecting(() => TensorLists.SgdStep(parameters, gradients, [], nesterov: false, rate: 0.25, momentum: 0, decay: 0));

        foreach (float value in parameters.SelectMany(parameter => parameter.data<float>().ToArray()))
            Assert.AreEqual(-Repetitions * 0.25f, value);
    }

    private static void WhileCollecting(Action act)
    {
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
            for (int i = 0; i < Repetitions; i++)
                act();
        }
        finally
        {
            ended.Cancel();
            collector.Wait();
        }
    }
}
