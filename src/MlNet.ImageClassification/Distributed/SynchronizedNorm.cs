using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Batch normalization over the images of all processes: means and variances are exchanged on the way forward, and on the way back the
/// sums that their gradients need (Ioffe and Szegedy 2015, section 3, with the sums of Algorithm 1 taken over all processes).
/// </summary>
internal sealed class SynchronizedNorm : autograd.SingleTensorFunction<SynchronizedNorm>
{
    public override string Name => nameof(SynchronizedNorm);

    /// <summary>Normalizes a batch and updates the running statistics in place, as batch_norm does.</summary>
    /// <param name="group">The processes.</param>
    /// <param name="input">[N, C, H, W], with at least one image.</param>
    /// <param name="state">Running mean and variance, scale and shift, each [C], float32.</param>
    /// <param name="momentum">The share of the running statistics that is replaced.</param>
    /// <param name="epsilon">What is added to the variance.</param>
    public static Tensor Apply(
        IProcessGroup group, Tensor input, (Tensor Mean, Tensor Variance, Tensor Scale, Tensor Shift) state, double momentum, double epsilon)
    {
        using var scope = NewDisposeScope();
        var (count, mean, variance) = Statistics(group, input);
        using (no_grad())
        {
            state.Mean.lerp_(mean, momentum);
            state.Variance.lerp_(variance * (count / Math.Max(1, count - 1)), momentum);
        }
        return apply(input, state.Scale, state.Shift, mean, variance, count, epsilon, group).MoveToOuterDisposeScope();
    }

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (input, scale, shift, mean, variance) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (Tensor)vars[3], (Tensor)vars[4]);
        var (count, epsilon) = ((double)vars[5], (double)vars[6]);
        ctx.save_for_backward([input, scale, mean, (variance + epsilon).rsqrt()]);
        ctx.save_data(nameof(count), count);
        ctx.save_data(nameof(IProcessGroup), vars[7]);
        return nn.functional.batch_norm(input, mean, variance, scale, shift, training: false, momentum: 0, eps: epsilon);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var saved = ctx.get_saved_variables();
        var (input, scale, mean, factor) = (saved[0], saved[1], saved[2], saved[3]);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var gradient = grad_output.to_type(ScalarType.Float32);
        // With x the input less its mean: y = scale * factor * x + shift.
        var x = input.to_type(ScalarType.Float32) - PerChannel(mean);
        var shiftGradient = gradient.sum([0, 2, 3]);
        var scaleGradient = (gradient * x).sum([0, 2, 3]) * factor;
        var sums = stack([shiftGradient, scaleGradient]).to(ScalarType.Float64, CPU);
        ((IProcessGroup)ctx.get_data(nameof(IProcessGroup))).Sum(Doubles(sums));
        // A mean over the images of all processes: through it each of them reaches every output.
        var means = (sums / (double)ctx.get_data("count")).to(ScalarType.Float32, input.device);
        x.mul_(PerChannel(means[1] * factor)).AddInPlace(PerChannel(means[0])).neg_().AddInPlace(gradient).mul_(PerChannel(scale * factor));
        return
        [
            x.to_type(input.dtype).MoveToOuterDisposeScope(), scaleGradient.MoveToOuterDisposeScope(), shiftGradient.MoveToOuterDisposeScope(),
            null!, null!, null!, null!, null!,
        ];
    }

    // Over all images, as one process computes them: in float64 a mean square less a squared mean loses nothing.
    private static (double Count, Tensor Mean, Tensor Variance) Statistics(IProcessGroup group, Tensor input)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        long channels = input.shape[1];
        double count = input.numel() / channels;
        var (variance, mean) = var_mean(input.detach().to_type(ScalarType.Float32), [0, 2, 3], unbiased: false);
        var (means, variances) = (mean.to(ScalarType.Float64, CPU), variance.to(ScalarType.Float64, CPU));
        var sums = cat([means * count, (variances + means * means) * count, tensor(new[] { count })]);
        group.Sum(Doubles(sums));
        count = Doubles(sums)[^1];
        means = sums.narrow(0, 0, channels) / count;
        variances = (sums.narrow(0, channels, channels) / count - means * means).clamp_min(0);
        return (count, Single(means), Single(variances));

        Tensor Single(Tensor value) => value.to(ScalarType.Float32, input.device).MoveToOuterDisposeScope();
    }

    private static Tensor PerChannel(Tensor values) => values.view(1, -1, 1, 1);

    private static Span<double> Doubles(Tensor values) => MemoryMarshal.Cast<byte, double>(values.bytes);
}
