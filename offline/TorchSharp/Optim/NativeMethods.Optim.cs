using System.Runtime.InteropServices;

namespace TorchSharp;

// The exports of offline/LibTorchSharp/Optim.cpp.
internal static unsafe partial class NativeMethods
{
    [DllImport(Library)] internal static extern int optim_sgd_step(IntPtr[] parameters, [In, Out] IntPtr[] momentumBuffers, int count, double learningRate, double momentum, double dampening, double weightDecay, int nesterov, int maximize);
    [DllImport(Library)] internal static extern int optim_adam_step(IntPtr[] parameters, IntPtr[] averages, IntPtr[] squares, IntPtr[] largestSquares, [In, Out] long[] steps, int count, double learningRate, double beta1, double beta2, double eps, double weightDecay, int decoupled, int maximize);
}
