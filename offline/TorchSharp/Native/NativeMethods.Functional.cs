using System;
using System.Runtime.InteropServices;

namespace TorchSharp;

// The exports of offline/LibTorchSharp/Functional.cpp.
internal static unsafe partial class NativeMethods
{
    [DllImport(Library)] internal static extern IntPtr nn_conv2d(IntPtr input, IntPtr weight, IntPtr bias, long* stride, int strideCount, long* padding, int paddingCount, long* dilation, int dilationCount, long groups);
    [DllImport(Library)] internal static extern IntPtr nn_linear(IntPtr input, IntPtr weight, IntPtr bias);
    [DllImport(Library)] internal static extern IntPtr nn_batch_norm(IntPtr input, IntPtr runningMean, IntPtr runningVar, IntPtr weight, IntPtr bias, int training, double momentum, double eps);
    [DllImport(Library)] internal static extern IntPtr nn_group_norm(IntPtr input, long groups, IntPtr weight, IntPtr bias, double eps);
    [DllImport(Library)] internal static extern IntPtr nn_layer_norm(IntPtr input, long* shape, int rank, IntPtr weight, IntPtr bias, double eps);
    [DllImport(Library)] internal static extern IntPtr nn_max_pool2d(IntPtr input, long* kernel, int kernelCount, long* stride, int strideCount, long* padding, int paddingCount, long* dilation, int dilationCount, int ceilMode);
    [DllImport(Library)] internal static extern IntPtr nn_avg_pool2d(IntPtr input, long* kernel, int kernelCount, long* stride, int strideCount, long* padding, int paddingCount, int ceilMode, int countIncludePad, long* divisor);
    [DllImport(Library)] internal static extern IntPtr nn_adaptive_avg_pool2d(IntPtr input, long* sizes, int count);
    [DllImport(Library)] internal static extern IntPtr nn_cross_entropy(IntPtr input, IntPtr target, IntPtr weight, long reduction, long ignoreIndex, double labelSmoothing);
    [DllImport(Library)] internal static extern IntPtr nn_nll_loss(IntPtr input, IntPtr target, IntPtr weight, long reduction);
    [DllImport(Library)] internal static extern IntPtr nn_binary_cross_entropy_with_logits(IntPtr input, IntPtr target, IntPtr weight, IntPtr positiveWeight, long reduction);
    [DllImport(Library)] internal static extern IntPtr nn_mse_loss(IntPtr input, IntPtr target, long reduction);
    [DllImport(Library)] internal static extern IntPtr nn_dropout(IntPtr input, double p, int training, int inPlace);
    [DllImport(Library)] internal static extern IntPtr nn_one_hot(IntPtr input, long classes);
    [DllImport(Library)] internal static extern IntPtr nn_pad(IntPtr input, long* pad, int count, byte* mode, double value);
    [DllImport(Library)] internal static extern IntPtr nn_grid_sample(IntPtr input, IntPtr grid, long mode, long paddingMode, int alignCorners);
    [DllImport(Library)] internal static extern IntPtr nn_affine_grid(IntPtr theta, long* sizes, int count, int alignCorners);
    [DllImport(Library)] internal static extern IntPtr nn_interpolate(IntPtr input, int mode, long* sizes, double* scales, int count, int alignCorners);
}
