using System;
using System.Collections.Generic;
using System.Text;
using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static unsafe partial class functional
        {
            private static readonly long[] One = { 1 };
            private static readonly long[] Zero = { 0 };

            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1)
            {
                strides ??= One;
                padding ??= Zero;
                dilation ??= One;
                fixed (long* stride = strides, pad = padding, spread = dilation)
                {
                    return Own(
                        nn_conv2d(
                            input.Handle, weight.Handle, HandleOf(bias), stride, strides.Length, pad, padding.Length,
                            spread, dilation.Length, groups),
                        input, weight, bias);
                }
            }

            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) =>
                Own(nn_linear(input.Handle, weights.Handle, HandleOf(bias)), input, weights, bias);

            public static Tensor batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1e-5) =>
                Own(
                    nn_batch_norm(
                        input.Handle, HandleOf(running_mean), HandleOf(running_var), HandleOf(weight), HandleOf(bias),
                        training ? 1 : 0, momentum, eps),
                    input, running_mean, running_var, weight, bias);

            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                Own(nn_group_norm(input.Handle, num_groups, HandleOf(weight), HandleOf(bias), eps), input, weight, bias);

            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5)
            {
                fixed (long* shape = normalized_shape)
                {
                    return Own(
                        nn_layer_norm(input.Handle, shape, normalized_shape.Length, HandleOf(weight), HandleOf(bias), eps),
                        input, weight, bias);
                }
            }

            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_().alias() : x.relu();

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                Own(nn_dropout(input.Handle, p, training ? 1 : 0, inplace ? 1 : 0), input);

            public static Tensor one_hot(Tensor x, long num_classes = -1) => Own(nn_one_hot(x.Handle, num_classes), x);

            public static Tensor max_pool2d(Tensor input, long kernelSize, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                max_pool2d(
                    input, new[] { kernelSize }, stride.HasValue ? new[] { stride.Value } : null,
                    padding.HasValue ? new[] { padding.Value } : null, dilation.HasValue ? new[] { dilation.Value } : null,
                    ceil_mode);

            public static Tensor max_pool2d(Tensor input, long[] kernelSize, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false)
            {
                strides ??= kernelSize;
                padding ??= Zero;
                dilation ??= One;
                fixed (long* kernel = kernelSize, stride = strides, pad = padding, spread = dilation)
                {
                    return Own(
                        nn_max_pool2d(
                            input.Handle, kernel, kernelSize.Length, stride, strides.Length, pad, padding.Length, spread,
                            dilation.Length, ceil_mode ? 1 : 0),
                        input);
                }
            }

            public static Tensor avg_pool2d(Tensor input, long kernelSize, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true) =>
                avg_pool2d(
                    input, new[] { kernelSize }, stride.HasValue ? new[] { stride.Value } : null, new[] { padding }, ceil_mode,
                    count_include_pad);

            public static Tensor avg_pool2d(Tensor input, long[] kernelSizes, long[]? strides = null, long[]? paddings = null, bool ceil_mode = false, bool count_include_pad = true) =>
                AveragePool(input, kernelSizes, strides, paddings, ceil_mode, count_include_pad, null);

            internal static Tensor AveragePool(Tensor input, long[] kernelSizes, long[]? strides, long[]? paddings, bool ceil_mode, bool count_include_pad, long? divisor)
            {
                strides ??= kernelSizes;
                paddings ??= Zero;
                long by = divisor.GetValueOrDefault();
                fixed (long* kernel = kernelSizes, stride = strides, pad = paddings)
                {
                    return Own(
                        nn_avg_pool2d(
                            input.Handle, kernel, kernelSizes.Length, stride, strides.Length, pad, paddings.Length,
                            ceil_mode ? 1 : 0, count_include_pad ? 1 : 0, divisor.HasValue ? &by : null),
                        input);
                }
            }

            public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) =>
                adaptive_avg_pool2d(input, new[] { output_size, output_size });

            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size)
            {
                fixed (long* sizes = output_size) return Own(nn_adaptive_avg_pool2d(input.Handle, sizes, output_size.Length), input);
            }

            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0.0) =>
                Own(
                    nn_cross_entropy(
                        input.Handle, target.Handle, HandleOf(weight), (long)reduction, ignore_index, label_smoothing),
                    input, target, weight);

            public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                Own(nn_nll_loss(input.Handle, target.Handle, HandleOf(weight), (long)reduction), input, target, weight);

            public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) =>
                Own(
                    nn_binary_cross_entropy_with_logits(
                        input.Handle, target.Handle, HandleOf(weight), HandleOf(pos_weights), (long)reduction),
                    input, target, weight, pos_weights);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                Own(nn_mse_loss(input.Handle, target.Handle, (long)reduction), input, target);

            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
            {
                string name = mode switch
                {
                    PaddingModes.Reflect => "reflect",
                    PaddingModes.Replicate => "replicate",
                    PaddingModes.Circular => "circular",
                    _ => "constant",
                };
                fixed (byte* text = Encoding.UTF8.GetBytes(name + "\0"))
                fixed (long* sizes = pad)
                    return Own(nn_pad(input.Handle, sizes, pad.Length, text, value), input);
            }

            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, new[] { pad.Item1, pad.Item2, pad.Item3, pad.Item4 }, mode, value);

            public static Tensor grid_sample(Tensor input, Tensor grid, GridSampleMode mode = GridSampleMode.Bilinear, GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros, bool? align_corners = null) =>
                Own(
                    nn_grid_sample(
                        input.Handle, grid.Handle, mode == GridSampleMode.Nearest ? 1 : 0,
                        padding_mode switch { GridSamplePaddingMode.Zeros => 0, GridSamplePaddingMode.Border => 1, _ => 2 },
                        align_corners == true ? 1 : 0),
                    input, grid);

            public static Tensor affine_grid(Tensor theta, long[]? size = null, bool align_corners = false)
            {
                size ??= Array.Empty<long>();
                fixed (long* sizes = size) return Own(nn_affine_grid(theta.Handle, sizes, size.Length, align_corners ? 1 : 0), theta);
            }

            public static Tensor upsample(Tensor input, long[]? size = null, double[]? scale_factor = null, UpsampleMode mode = UpsampleMode.Nearest, bool align_corners = false) =>
                interpolate(input, size, scale_factor, (InterpolationMode)mode, align_corners);

            public static Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool recompute_scale_factor = false)
            {
                if ((size is null) == (scale_factor is null))
                    throw new ArgumentException("Exactly one of size and scale_factor must be given.");
                if (x.dim() != 4 || mode is InterpolationMode.Linear or InterpolationMode.Trilinear)
                    throw new NotSupportedException($"interpolate of a {x.dim()}-dimensional tensor with mode {mode} is not supported.");
                int count = size?.Length ?? scale_factor!.Length;
                if (count != 2) throw new ArgumentException($"interpolate needs 2 sizes or scale factors for a 4-dimensional tensor; {count} given.");
                if (recompute_scale_factor && scale_factor is not null)
                {
                    long[] shape = x.shape;
                    size = new[] { (long)(shape[2] * scale_factor[0]), (long)(shape[3] * scale_factor[1]) };
                    scale_factor = null;
                }
                fixed (long* sizes = size)
                fixed (double* scales = scale_factor)
                {
                    return Own(
                        nn_interpolate(
                            x.Handle, (int)mode, sizes, scales, count, align_corners.HasValue ? (align_corners.Value ? 1 : 0) : -1),
                        x);
                }
            }
        }
    }
}
