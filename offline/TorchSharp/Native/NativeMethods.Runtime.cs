using System;
using System.Runtime.InteropServices;

namespace TorchSharp;

// The exports of offline/LibTorchSharp/Runtime.cpp.
internal static unsafe partial class NativeMethods
{
    [DllImport(Library), SuppressGCTransition] internal static extern IntPtr torch_take_error();
    [DllImport(Library)] internal static extern int torch_get_num_threads();
    [DllImport(Library)] internal static extern int torch_get_num_interop_threads();
    [DllImport(Library)] internal static extern int torch_set_num_threads(int count);
    [DllImport(Library)] internal static extern int torch_cuda_device_count();
    [DllImport(Library)] internal static extern int torch_cuda_synchronize(int index);
    [DllImport(Library)] internal static extern int torch_cudnn_available();
    [DllImport(Library)] internal static extern int torch_allow_tf32(int cudnn);
    [DllImport(Library)] internal static extern int torch_set_allow_tf32(int cudnn, int allow);
    [DllImport(Library)] internal static extern int torch_manual_seed(long seed);
    [DllImport(Library)] internal static extern int torch_cuda_manual_seed(long seed, int index);
    [DllImport(Library)] internal static extern int torch_cuda_current_device();
    [DllImport(Library)] internal static extern IntPtr generator_default();
    [DllImport(Library)] internal static extern IntPtr generator_new(ulong seed);
    [DllImport(Library)] internal static extern void generator_dispose(IntPtr generator);
    [DllImport(Library)] internal static extern long generator_initial_seed(IntPtr generator);
    [DllImport(Library)] internal static extern int generator_manual_seed(IntPtr generator, long seed);
    [DllImport(Library)] internal static extern IntPtr generator_get_state(IntPtr generator);
    [DllImport(Library)] internal static extern int generator_set_state(IntPtr generator, IntPtr state);
    [DllImport(Library), SuppressGCTransition] internal static extern int torch_grad_enabled();
    [DllImport(Library), SuppressGCTransition] internal static extern void torch_set_grad_enabled(int enabled);
    [DllImport(Library), SuppressGCTransition] internal static extern int torch_inference_mode_enabled();
    [DllImport(Library)] internal static extern IntPtr torch_enter_inference_mode(int enabled);
    [DllImport(Library)] internal static extern void torch_leave_inference_mode(IntPtr mode);
}
