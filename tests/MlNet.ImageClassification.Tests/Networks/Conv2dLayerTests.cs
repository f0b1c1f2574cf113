using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class Conv2dLayerTests
{
    /// <summary>
    /// With inputs, weights and output gradients of -1, 0 and 1 every sum is a whole number below 256, which bfloat16
    /// holds exactly: however the layer computes, it must give LibTorch's float32 convolution to the last bit.
    /// </summary>
    [TestMethod]
    [DataRow(1, 1, 5, 1)]
    [DataRow(1, 2, 5, 1)]
    [DataRow(1, 2, 4, 1)]
    [DataRow(3, 1, 1, 1)]
    [DataRow(3, 1, 2, 1)]
    [DataRow(3, 2, 1, 1)]
    [DataRow(3, 2, 2, 1)]
    [DataRow(3, 2, 3, 1)]
    [DataRow(3, 2, 4, 1)]
    [DataRow(3, 1, 5, 1)]
    [DataRow(1, 1, 5, 2)]
    [DataRow(3, 1, 1, 2)]
    [DataRow(3, 2, 1, 2)]
    [DataRow(3, 1, 2, 2)]
    [DataRow(3, 2, 2, 2)]
    [DataRow(3, 1, 3, 2)]
    public void Output_and_gradients_are_those_of_the_float32_convolution(int kernel, int stride, int size, int groups)
    {
        foreach (var type in new[] { ScalarType.BFloat16, ScalarType.Float32 })
            AreThoseOfTheConvolution(type, kernel, stride, size, groups);
    }

    private static void AreThoseOfTheConvolution(ScalarType type, int kernel, int stride, int size, int groups)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        var layer = new Conv2dLayer(6, 4, kernel, stride, groups);
        using (no_grad())
            layer.parameters().Single().copy_(SmallIntegers([4, 6 / groups, kernel, kernel], generator));

        var expected = Run(SmallIntegers([3, 6, size, size], generator), layer.parameters().Single().detach(),
            (input, weight) => nn.functional.conv2d(input, weight, null, [stride, stride], [kernel / 2, kernel / 2], [1, 1], groups));
        generator.manual_seed(7);
        SmallIntegers([4, 6 / groups, kernel, kernel], generator);
        var actual = Run(SmallIntegers([3, 6, size, size], generator), layer.parameters().Single(),
            (input, _) => layer.forward(ChannelsLast.Of(input.to_type(type))));

        CollectionAssert.AreEqual(expected.Output.shape, actual.Output.shape);
        Assert.IsTrue(expected.Output.allclose(actual.Output.to_type(ScalarType.Float32), 0, 0), $"output in {type}");
        Assert.IsTrue(expected.InputGradient.allclose(actual.InputGradient, 0, 0), $"gradient of the input in {type}");
        Assert.IsTrue(expected.WeightGradient.allclose(actual.WeightGradient, 0, 0), $"gradient of the weight in {type}");
    }

    private static (Tensor Output, Tensor InputGradient, Tensor WeightGradient) Run(
        Tensor values, Tensor weight, Func<Tensor, Tensor, Tensor> convolve)
    {
        var input = values.requires_grad_();
        weight.requires_grad_();
        var output = convolve(input, weight);
        // The same gradient of -1, 0 and 1 for both.
        var gradient = arange(output.numel(), ScalarType.Int64).remainder(3).sub(1).view(output.shape).to_type(output.dtype);
        (output * gradient).sum().backward();
        return (output.detach(), input.grad!, weight.grad!);
    }

    private static Tensor SmallIntegers(long[] shape, Generator generator) =>
        randint(-1, 2, shape, ScalarType.Float32, generator: generator);
}
