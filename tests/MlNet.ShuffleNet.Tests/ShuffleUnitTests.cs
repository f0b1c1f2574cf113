using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ShuffleNet.Tests;

[TestClass]
public sealed class ShuffleUnitTests
{
    private const int Groups = 2;
    private const int Channels = 16;

    private static readonly ChannelShuffle Shuffle = new(Groups, ChannelShuffleOrder.Paper);

    [TestMethod]
    public void The_average_of_the_input_comes_first_at_stride_2()
    {
        using var scope = NewDisposeScope();
        using var unit = Create(inputChannels: 6, stride: 2, firstGroups: 1);
        var output = unit.forward(ones([1, 6, 4, 4], ScalarType.Float64));

        CollectionAssert.AreEqual(new long[] { 1, Channels, 2, 2 }, output.shape);
        // Windows of 3x3 around every other pixel; those at the border average zeros as well.
        foreach (var channel in Enumerable.Range(0, 6))
            CollectionAssert.AreEqual(
                new[] { 4, 6, 6, 9 }, output[0, channel].contiguous().data<double>().Select(value => (int)Math.Round(value * 9)).ToArray());
    }

    [TestMethod]
    [DataRow(16, 1, 2)]
    [DataRow(8, 2, 2)]
    [DataRow(6, 2, 1)]
    public void A_unit_is_what_the_paper_draws(int inputChannels, int stride, int firstGroups)
    {
        using var scope = NewDisposeScope();
        using var unit = Create(inputChannels, stride, firstGroups);
        unit.eval();
        var input = Values("input", 2, inputChannels, 6, 6).abs();
        var actual = unit.forward(input);

        Assert.IsLessThan(1e-12, Difference(AsDrawn(unit, input, stride, firstGroups), actual));
        // So that the comparison can fail: a ReLU after the depthwise convolution would be seen.
        Assert.IsGreaterThan(0.01, Difference(AsDrawn(unit, input, stride, firstGroups, reluAfterDepthwise: true), actual));
    }

    [TestMethod]
    [DataRow(16, 1, 2)]
    [DataRow(8, 2, 2)]
    [DataRow(6, 2, 1)]
    public void Gradients_are_the_slopes_of_finite_differences(int inputChannels, int stride, int firstGroups)
    {
        using var scope = NewDisposeScope();
        using var unit = Create(inputChannels, stride, firstGroups);
        var input = Values("input", 3, inputChannels, 4, 4).abs().requires_grad_(true);
        var direction = Values("direction", 3, Channels, 4 / stride, 4 / stride);

        Loss().backward();
        var checkedValues = 0;
        foreach (var (name, parameter) in unit.named_parameters().Select(entry => (entry.Item1, (Tensor)entry.Item2)).Append(("input", input)))
            AssertSlopes(name, parameter);
        // 3 images of 4 x 4; the unit's parameters besides.
        Assert.AreEqual(3 * inputChannels * 16 + unit.parameters().Sum(parameter => parameter.numel()), checkedValues);

        // A random direction makes one number of the output, so that each slope depends on all of it.
        Tensor Loss() => (unit.forward(input) * direction).sum();

        void AssertSlopes(string name, Tensor parameter)
        {
            const double Step = 1e-6;
            var gradient = parameter.grad!.contiguous().data<double>().ToArray();
            using var noGrad = no_grad();
            var flat = parameter.view(-1);
            for (var i = 0; i < gradient.Length; i++, checkedValues++)
            {
                using var step = NewDisposeScope();
                var value = flat[i];
                value.add_(Step);
                var above = Loss().item<double>();
                value.sub_(2 * Step);
                var below = Loss().item<double>();
                value.add_(Step);
                Assert.AreEqual((above - below) / (2 * Step), gradient[i], 1e-6 * (1 + Math.Abs(gradient[i])), $"{name} [{i}]");
            }
        }
    }

    /// <summary>The unit group by group, from the layers' parameters.</summary>
    private static Tensor AsDrawn(ShuffleUnit unit, Tensor input, int stride, int firstGroups, bool reluAfterDepthwise = false)
    {
        var state = unit.state_dict();
        var reduced = Norm("branch_main_1.1", GroupByGroup(input, state["branch_main_1.0.weight"], firstGroups)).relu();
        var shape = reduced.shape;
        var shuffled = reduced.view(shape[0], Groups, shape[1] / Groups, shape[2], shape[3]).transpose(1, 2).reshape(shape);
        var depthwise = Norm("branch_main_1.4", nn.functional.conv2d(
            shuffled, state["branch_main_1.3.weight"], null, [stride, stride], [1, 1], [1, 1], shape[1]));
        if (reluAfterDepthwise)
            depthwise = depthwise.relu();
        var expanded = Norm("branch_main_2.1", GroupByGroup(depthwise, state["branch_main_2.0.weight"], Groups));
        return (stride == 1 ? input + expanded : cat([nn.functional.avg_pool2d(input, 3, 2, 1), expanded], 1)).relu();

        Tensor Norm(string name, Tensor values) => nn.functional.batch_norm(
            values, state[name + ".running_mean"], state[name + ".running_var"], state[name + ".weight"], state[name + ".bias"], false, 0.1, 1e-5);
    }

    /// <summary>A grouped 1x1 convolution as one matrix product per group.</summary>
    private static Tensor GroupByGroup(Tensor input, Tensor weight, int groups)
    {
        var (pixels, each) = (input.permute(0, 2, 3, 1), weight.shape[0] / groups);
        var parts = Enumerable.Range(0, groups).Select(group => nn.functional.linear(
            pixels.narrow(3, group * weight.shape[1], weight.shape[1]), weight.narrow(0, group * each, each).flatten(1)));
        return cat([.. parts], 3).permute(0, 3, 1, 2);
    }

    private static ShuffleUnit Create(int inputChannels, int stride, int firstGroups)
    {
        var unit = new ShuffleUnit(inputChannels, Channels, stride, firstGroups, Groups, Shuffle);
        FormulaWeights.Fill(unit);
        unit.to(ScalarType.Float64);
        return unit;
    }

    private static Tensor Values(string name, params long[] shape) =>
        tensor(FormulaWeights.Values(name, shape.Aggregate(1L, (product, size) => product * size)), shape).to_type(ScalarType.Float64);

    private static double Difference(Tensor expected, Tensor actual) => (expected - actual).abs().max().item<double>();
}
