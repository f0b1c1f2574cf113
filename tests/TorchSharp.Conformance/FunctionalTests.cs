using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharpConformance;

[TestClass]
public class FunctionalTests
{
    private static readonly Golden Values = Golden.Load("functional");

    private static readonly Dictionary<string, (string[] Inputs, Func<Tensor[], Tensor> Operation)> Cases = new()
    {
        ["conv2d"] = (["x", "weight", "bias"], t => F.conv2d(t[0], t[1], t[2], [2, 2], [1, 1])),
        ["conv2d_groups"] = (["x", "weight"], t => F.conv2d(t[0], t[1], null, [1, 1], [1, 1], [1, 1], 2)),
        ["conv2d_depthwise"] = (["x", "weight"], t => F.conv2d(t[0], t[1], null, [1, 1], [1, 1], [1, 1], 4)),
        ["conv2d_dilated"] = (["x", "weight"], t => F.conv2d(t[0], t[1], null, [1, 1], [2, 2], [2, 2])),
        ["linear"] = (["x", "weight", "bias"], t => F.linear(t[0], t[1], t[2])),
        ["max_pool2d"] = (["x"], t => F.max_pool2d(t[0], 3, 2, 1)),
        ["max_pool2d_ceil"] = (["x"], t => F.max_pool2d(t[0], new long[] { 2, 3 }, new long[] { 2, 2 }, new long[] { 0, 1 }, new long[] { 1, 1 }, true)),
        ["avg_pool2d"] = (["x"], t => F.avg_pool2d(t[0], 3, 2, 1)),
        ["avg_pool2d_inside"] = (["x"], t => F.avg_pool2d(t[0], new long[] { 3, 2 }, new long[] { 2, 2 }, new long[] { 1, 1 }, true, false)),
        ["adaptive_avg_pool2d"] = (["x"], t => F.adaptive_avg_pool2d(t[0], 1)),
        ["adaptive_avg_pool2d_sizes"] = (["x"], t => F.adaptive_avg_pool2d(t[0], new long[] { 4, 3 })),
        ["relu"] = (["x"], t => F.relu(t[0])),
        ["softmax"] = (["x"], t => F.softmax(t[0], 1)),
        ["log_softmax"] = (["x"], t => F.log_softmax(t[0], 1)),
        ["group_norm"] = (["x", "weight", "bias"], t => F.group_norm(t[0], 2, t[1], t[2])),
        ["layer_norm"] = (["x", "weight", "bias"], t => F.layer_norm(t[0], [5], t[1], t[2])),
        ["cross_entropy"] = (["x", "target"], t => F.cross_entropy(t[0], t[1])),
        ["cross_entropy_smooth"] = (["x", "target"], t => F.cross_entropy(t[0], t[1], label_smoothing: 0.1)),
        ["cross_entropy_weight"] = (["x", "target"], t => F.cross_entropy(t[0], t[1], Values["weights"], label_smoothing: 0.1)),
        ["cross_entropy_sum"] = (["x", "target"], t => F.cross_entropy(t[0], t[1], null, 2, Reduction.Sum)),
        ["cross_entropy_none"] = (["x", "target"], t => F.cross_entropy(t[0], t[1], reduction: Reduction.None)),
        ["cross_entropy_soft"] = (["x", "target"], t => F.cross_entropy(t[0], t[1])),
        ["nll_loss"] = (["x", "target"], t => F.nll_loss(t[0], t[1], Values["weights"])),
        ["bce"] = (["x", "target"], t => F.binary_cross_entropy_with_logits(t[0], t[1])),
        ["bce_weight"] = (["x", "target"], t => F.binary_cross_entropy_with_logits(t[0], t[1], full([5], 0.5), Reduction.Mean, Values["weights"])),
        ["mse_loss"] = (["x", "target"], t => F.mse_loss(t[0], t[1])),
        ["mse_loss_sum"] = (["x", "target"], t => F.mse_loss(t[0], t[1], Reduction.Sum)),
        ["pad"] = (["x"], t => F.pad(t[0], (1, 2, 0, 1), PaddingModes.Constant, 0.5)),
        ["pad_reflect"] = (["x"], t => F.pad(t[0], new long[] { 1, 1, 2, 2 }, PaddingModes.Reflect)),
        ["pad_replicate"] = (["x"], t => F.pad(t[0], new long[] { 1, 1, 2, 2 }, PaddingModes.Replicate)),
        ["interpolate_nearest"] = (["x"], t => F.interpolate(t[0], [4, 9])),
        ["interpolate_bilinear"] = (["x"], t => F.interpolate(t[0], [4, 9], null, InterpolationMode.Bilinear, false)),
        ["interpolate_corners"] = (["x"], t => F.interpolate(t[0], [4, 9], null, InterpolationMode.Bilinear, true)),
        ["interpolate_bicubic"] = (["x"], t => F.interpolate(t[0], null, [1.5, 1.5], InterpolationMode.Bicubic, false)),
        ["interpolate_area"] = (["x"], t => F.interpolate(t[0], [3, 4], null, InterpolationMode.Area)),
        ["affine_grid"] = (["theta"], t => F.affine_grid(t[0], [2, 2, 5, 5])),
        ["grid_sample"] = (["x", "grid"], t => F.grid_sample(t[0], t[1], align_corners: false)),
        ["grid_sample_border"] = (["x", "grid"], t => F.grid_sample(t[0], t[1], GridSampleMode.Bilinear, GridSamplePaddingMode.Border, true)),
        ["grid_sample_nearest"] = (["x", "grid"], t => F.grid_sample(t[0], t[1], GridSampleMode.Nearest, GridSamplePaddingMode.Reflection, false)),
    };

    public static IEnumerable<object[]> Names => Cases.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Values_and_gradients_are_those_of_pytorch(string name)
    {
        (string[] inputs, Func<Tensor[], Tensor> operation) = Cases[name];
        CheckWithGradients(name, inputs, operation, 1e-4, 1e-5);
    }

    [TestMethod]
    public void Upsample_is_another_name_of_interpolate() =>
        CheckWithGradients("interpolate_bilinear", ["x"], t => F.upsample(t[0], [4, 9], null, UpsampleMode.Bilinear), 1e-4, 1e-5);

    [TestMethod]
    public void Bfloat16_arithmetic_gives_float32_gradients_to_float32_parameters() => CheckWithGradients(
        "mixed",
        ["x", "weight", "scale", "shift"],
        t =>
        {
            Tensor y = F.conv2d(t[0].bfloat16(), t[1].bfloat16(), null, [1, 1], [1, 1]);
            Assert.AreEqual(ScalarType.BFloat16, y.dtype);
            y = F.relu(F.batch_norm(y, null!, null!, t[2], t[3], true));
            Assert.AreEqual(ScalarType.BFloat16, y.dtype);
            return y.@float().mean(new long[] { 2, 3 });
        },
        0.02, 0.1);

    [TestMethod]
    public void Batch_norm_normalises_and_updates_its_statistics()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mean = Values["batch_norm.mean"], var = Values["batch_norm.var"];
        CheckWithGradients(
            "batch_norm_eval", ["x", "weight", "bias"], t => F.batch_norm(t[0], mean, var, t[1], t[2]), 1e-4, 1e-5);
        Values.AreClose("batch_norm.mean", mean, 0, 0);
        CheckWithGradients(
            "batch_norm_train", ["x", "weight", "bias"], t => F.batch_norm(t[0], mean, var, t[1], t[2], true, 0.2, 1e-3), 1e-4, 1e-4);
        Values.AreClose("batch_norm_train.mean", mean);
        Values.AreClose("batch_norm_train.var", var);
    }

    [TestMethod]
    public void Relu_in_place_changes_its_input()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new float[] { -1, 2 });
        Tensor y = F.relu(x, true);
        Assert.AreNotSame(x, y);
        CollectionAssert.AreEqual(new float[] { 0, 2 }, x.data<float>().ToArray());
    }

    [TestMethod]
    public void Dropout_keeps_everything_outside_training()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.IsTrue(F.dropout(ones(9), 0.5, false).Equals(ones(9)));
    }

    [TestMethod]
    public void Channels_last_strides_survive_the_layers_of_a_network()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = LastChannels(randn(2, 8, 8, 8)), weight = LastChannels(randn(8, 8, 3, 3)).requires_grad_();
        Tensor y = F.conv2d(x, weight, null, [1, 1], [1, 1]);
        AssertLastChannels(y, "conv2d");
        AssertLastChannels(y = F.batch_norm(y, zeros(8), ones(8), ones(8), zeros(8), true), "batch_norm");
        AssertLastChannels(y = F.relu(y, true), "relu");
        AssertLastChannels(y + x, "add");
        AssertLastChannels(F.max_pool2d(y, 3, 2, 1), "max_pool2d");
        AssertLastChannels(y.bfloat16(), "cast");
        AssertLastChannels(y.clone(), "clone");
        AssertLastChannels(F.pad(y, (1, 1, 1, 1)), "pad");
        y.sum().backward();
        AssertLastChannels(weight.grad!, "gradient");
    }

    private static Tensor LastChannels(Tensor images) => images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    private static void AssertLastChannels(Tensor images, string after)
    {
        Assert.AreEqual(1, images.stride(1), after);
        Assert.IsTrue(images.permute(0, 2, 3, 1).is_contiguous(), after);
    }

    private static void CheckWithGradients(
        string name, string[] inputs, Func<Tensor[], Tensor> operation, double rtol, double atol)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] leaves = Array.ConvertAll(inputs, input =>
        {
            Tensor leaf = Values[$"{name}.{input}"];
            return leaf.dtype == ScalarType.Int64 ? leaf : leaf.requires_grad_();
        });
        Tensor value = operation(leaves);
        Values.AreClose($"{name}.out", value, rtol, atol);
        (value * Values[$"{name}.w"]).sum().backward();
        for (int i = 0; i < leaves.Length; i++)
        {
            if (leaves[i].requires_grad) Values.AreClose($"{name}.grad.{inputs[i]}", leaves[i].grad!, rtol, atol);
        }
    }
}
