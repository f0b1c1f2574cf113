using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharpConformance;

[TestClass]
public class LayerTests
{
    private static readonly Golden PyTorch = Golden.Load("nn");

    private DisposeScope _scope = null!;

    [TestInitialize]
    public void OpenScope() => _scope = NewDisposeScope();

    [TestCleanup]
    public void CloseScope() => _scope.Dispose();

    [TestMethod]
    public void Conv2d_equals_PyTorch() => AssertEqualsPyTorch("conv", Conv2d(3, 4, 3, 2, 1));

    [TestMethod]
    public void Grouped_dilated_Conv2d_equals_PyTorch()
        => AssertEqualsPyTorch(
            "conv_grouped", Conv2d(4, 6, (3, 1), (1, 2), (1, 0), (2, 1), PaddingModes.Zeros, 2, false));

    [TestMethod]
    public void Conv2d_with_reflection_padding_equals_PyTorch()
        => AssertEqualsPyTorch("conv_reflect", Conv2d(2, 2, 3, 1, 1, 1, PaddingModes.Reflect));

    [TestMethod]
    public void BatchNorm2d_in_training_equals_PyTorch() => AssertEqualsPyTorch("batch_norm", BatchNorm2d(3, 1e-3, 0.3));

    [TestMethod]
    public void BatchNorm2d_in_evaluation_equals_PyTorch()
    {
        var layer = BatchNorm2d(3);
        layer.eval();
        AssertEqualsPyTorch("batch_norm_eval", layer);
    }

    [TestMethod]
    public void Linear_equals_PyTorch() => AssertEqualsPyTorch("linear", Linear(5, 3));

    [TestMethod]
    public void ReLU_equals_PyTorch() => AssertEqualsPyTorch("relu", ReLU());

    [TestMethod]
    public void MaxPool2d_equals_PyTorch() => AssertEqualsPyTorch("max_pool", MaxPool2d(3, 2, 1));

    [TestMethod]
    public void MaxPool2d_rounding_up_equals_PyTorch()
        => AssertEqualsPyTorch("max_pool_ceil", MaxPool2d(2, null, null, null, true));

    [TestMethod]
    public void AvgPool2d_equals_PyTorch() => AssertEqualsPyTorch("avg_pool", AvgPool2d(3, 2, 1));

    [TestMethod]
    public void AvgPool2d_without_counting_padding_equals_PyTorch()
        => AssertEqualsPyTorch("avg_pool_no_pad_count", AvgPool2d(3, 2, 1, false, false));

    [TestMethod]
    public void AdaptiveAvgPool2d_equals_PyTorch() => AssertEqualsPyTorch("adaptive_pool", AdaptiveAvgPool2d((2, 3)));

    [TestMethod]
    public void A_residual_network_equals_PyTorch_forward_and_backward()
    {
        using var network = new TinyResNet();
        var names = PyTorch.Names("resnet/state/").ToList();
        CollectionAssert.AreEquivalent(names, network.state_dict().Keys);
        network.load_state_dict(names.ToDictionary(name => name, name => PyTorch[$"resnet/state/{name}"]));

        var logits = network.call(PyTorch["resnet/input"]);
        var loss = functional.cross_entropy(logits, PyTorch["resnet/target"]);
        loss.backward();

        PyTorch.AreClose("resnet/logits", logits);
        PyTorch.AreClose("resnet/loss", loss);
        foreach (var (name, parameter) in network.named_parameters())
            PyTorch.AreClose($"resnet/grad/{name}", parameter.grad!);
        foreach (var (name, buffer) in network.named_buffers())
            PyTorch.AreClose($"resnet/after/{name}", buffer);
        network.eval();
        PyTorch.AreClose("resnet/logits_eval", network.call(PyTorch["resnet/input"]));
    }

    [TestMethod]
    public void Layers_keep_channels_last_strides()
    {
        using var network = Sequential(Conv2d(3, 8, 3, 1, 1), BatchNorm2d(8), ReLU(), MaxPool2d(2));
        var image = rand([2, 3, 8, 6]).permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

        var output = network.call(image);

        CollectionAssert.AreEqual(new long[] { 2, 8, 4, 3 }, output.shape);
        CollectionAssert.AreEqual(new long[] { 96, 1, 24, 8 }, output.stride());
    }

    [TestMethod]
    public void Linear_without_bias_has_a_weight_only()
    {
        using var layer = Linear(3, 2, false);
        Assert.IsNull(layer.bias);
        CollectionAssert.AreEqual(new[] { "weight" }, layer.named_parameters().Select(named => named.name).ToArray());
        layer.weight = Parameter(ones([2, 3]));
        CollectionAssert.AreEqual(new float[] { 6, 6 }, layer.call(tensor(new float[] { 1, 2, 3 })).data<float>().ToArray());
    }

    [TestMethod]
    public void Weights_and_biases_can_be_replaced()
    {
        using var convolution = Conv2d(1, 1, 1);
        convolution.weight = Parameter(full([1, 1, 1, 1], 3f));
        convolution.bias = Parameter(tensor(new[] { 1f }));
        using var norm = BatchNorm2d(1, 0);
        norm.weight = Parameter(tensor(new[] { 2f }));
        norm.bias = Parameter(tensor(new[] { -1f }));
        norm.running_mean = tensor(new[] { 4f });
        norm.running_var = tensor(new[] { 9f });
        norm.eval();
        using var linear = Linear(1, 1);
        linear.weight = Parameter(ones([1, 1]));
        linear.bias = Parameter(tensor(new[] { 0.5f }));

        var input = full([1, 1, 1, 1], 2f);
        var convolved = convolution.call(input);
        var normalized = norm.call(convolved);

        Assert.AreEqual(7, convolved.item<float>());
        Assert.AreEqual(1, normalized.item<float>(), 1e-6);
        Assert.AreEqual(1.5, linear.call(normalized.flatten(1)).item<float>(), 1e-6);
    }

    [TestMethod]
    public void Parameters_take_the_device_and_the_type_asked_for()
    {
        var tensors = Conv2d(1, 1, 1, 1, 0, 1, PaddingModes.Zeros, 1, true, CPU, ScalarType.BFloat16).parameters()
            .Concat(Linear(1, 1, true, CPU, ScalarType.BFloat16).parameters())
            .Concat(BatchNorm2d(1, 1e-5, 0.1, true, true, CPU, ScalarType.BFloat16).parameters());
        foreach (var parameter in tensors)
            Assert.AreEqual(ScalarType.BFloat16, parameter.dtype);
    }

    [TestMethod]
    public void BatchNorm2d_counts_training_batches_only()
    {
        using var layer = BatchNorm2d(2);
        var batch = rand([3, 2, 4, 4]);
        layer.call(batch);
        layer.call(batch);
        layer.eval();
        layer.call(batch);
        Assert.AreEqual(2, layer.num_batches_tracked!.item<long>());
    }

    [TestMethod]
    public void BatchNorm2d_without_affine_and_statistics_has_no_state()
    {
        using var layer = BatchNorm2d(2, 1e-5, 0.1, false, false);
        layer.eval();
        var output = layer.call(tensor(new float[] { 1, 3, 5, 9 }, [2, 2, 1, 1]));

        Assert.AreEqual(0, layer.state_dict().Count);
        CollectionAssert.AreEqual(
            new float[] { -1, -1, 1, 1 }, output.data<float>().ToArray().Select(value => MathF.Round(value, 3)).ToArray());
    }

    [TestMethod]
    public void BatchNorm2d_refuses_other_ranks()
        => Assert.Throws<Exception>(() => BatchNorm2d(2).call(rand([4, 2])));

    [TestMethod]
    public void Conv2d_refuses_another_channel_count()
    {
        var error = Assert.Throws<Exception>(() => Conv2d(3, 4, 3).call(rand([1, 2, 8, 8])));
        Assert.Contains("3 channels", error.Message);
    }

    [TestMethod]
    public void ReLU_in_place_changes_its_input()
    {
        var input = tensor(new float[] { -1, 2 });
        ReLU(true).call(input);
        CollectionAssert.AreEqual(new float[] { 0, 2 }, input.data<float>().ToArray());
    }

    [TestMethod]
    public void Dropout_in_training_zeroes_a_share_and_scales_the_rest()
    {
        manual_seed(1);
        var output = Dropout(0.25).call(ones([100_000])).data<float>().ToArray();

        // Five standard deviations of a binomial share of 100,000 are 0.0068.
        Assert.AreEqual(0.25, output.Count(value => value == 0) / 1e5, 0.007);
        Assert.IsTrue(output.All(value => value is 0 or (> 1.33333f and < 1.33334f)));
    }

    [TestMethod]
    public void Dropout_in_evaluation_changes_nothing()
    {
        var layer = Dropout(0.9, true);
        layer.eval();
        Assert.AreEqual(1000, layer.call(ones([1000])).sum().item<float>());
    }

    [TestMethod]
    public void Flatten_keeps_the_batch_dimension()
    {
        CollectionAssert.AreEqual(new long[] { 2, 60 }, Flatten().call(rand([2, 3, 4, 5])).shape);
        CollectionAssert.AreEqual(new long[] { 6, 4, 5 }, Flatten(0, 1).call(rand([2, 3, 4, 5])).shape);
    }

    [TestMethod]
    public void Identity_returns_another_handle_to_the_same_values()
    {
        var input = tensor(new float[] { 1, 2 });
        var output = Identity().call(input);
        input.fill_(3);
        input.Dispose();
        CollectionAssert.AreEqual(new float[] { 3, 3 }, output.data<float>().ToArray());
    }

    private static void AssertEqualsPyTorch(string name, Module<Tensor, Tensor> layer)
    {
        using var owned = layer;
        layer.load_state_dict(
            layer.named_parameters().ToDictionary(named => named.name, named => PyTorch[$"{name}/{named.name}"]),
            false);
        var input = PyTorch[$"{name}/input"].requires_grad_();

        var output = layer.call(input);
        (output * PyTorch[$"{name}/output_weights"]).sum().backward();

        PyTorch.AreClose($"{name}/output", output);
        PyTorch.AreClose($"{name}/input_grad", input.grad!);
        foreach (var (parameterName, parameter) in layer.named_parameters())
            PyTorch.AreClose($"{name}/{parameterName}_grad", parameter.grad!);
        foreach (var (bufferName, buffer) in layer.named_buffers())
            PyTorch.AreClose($"{name}/{bufferName}", buffer);
    }
}
