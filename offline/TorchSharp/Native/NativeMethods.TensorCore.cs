using System;
using System.Runtime.InteropServices;

namespace TorchSharp;

// The exports of offline/LibTorchSharp/TensorCore.cpp.
internal static unsafe partial class NativeMethods
{
    [DllImport(Library)] internal static extern void tensor_dispose(IntPtr tensor);
    [DllImport(Library)] internal static extern IntPtr tensor_alias(IntPtr tensor);
    [DllImport(Library)] internal static extern IntPtr tensor_empty(long* sizes, int rank, NativeOptions options);
    [DllImport(Library)] internal static extern IntPtr tensor_zeros(long* sizes, int rank, NativeOptions options);
    [DllImport(Library)] internal static extern IntPtr tensor_ones(long* sizes, int rank, NativeOptions options);
    [DllImport(Library)] internal static extern IntPtr tensor_full(long* sizes, int rank, NativeNumber value, NativeOptions options);
    [DllImport(Library)] internal static extern IntPtr tensor_empty_strided(long* sizes, long* strides, int rank, NativeOptions options);
    [DllImport(Library)] internal static extern IntPtr tensor_arange(NativeNumber start, NativeNumber stop, NativeNumber step, NativeOptions options);
    [DllImport(Library)] internal static extern IntPtr tensor_linspace(double start, double end, long steps, NativeOptions options);
    [DllImport(Library)] internal static extern IntPtr tensor_eye(long rows, long columns, NativeOptions options);
    [DllImport(Library)] internal static extern IntPtr tensor_rand(long* sizes, int rank, NativeOptions options, IntPtr generator);
    [DllImport(Library)] internal static extern IntPtr tensor_randn(long* sizes, int rank, NativeOptions options, IntPtr generator);
    [DllImport(Library)] internal static extern IntPtr tensor_randint(long low, long high, long* sizes, int rank, NativeOptions options, IntPtr generator);
    [DllImport(Library)] internal static extern IntPtr tensor_randperm(long count, NativeOptions options, IntPtr generator);
    [DllImport(Library)] internal static extern IntPtr tensor_empty_like(IntPtr tensor, NativeOptions options);
    [DllImport(Library)] internal static extern IntPtr tensor_zeros_like(IntPtr tensor, NativeOptions options);
    [DllImport(Library)] internal static extern IntPtr tensor_ones_like(IntPtr tensor, NativeOptions options);
    [DllImport(Library)] internal static extern IntPtr tensor_rand_like(IntPtr tensor, NativeOptions options);
    [DllImport(Library)] internal static extern IntPtr tensor_randn_like(IntPtr tensor, NativeOptions options);
    [DllImport(Library)] internal static extern IntPtr tensor_full_like(IntPtr tensor, NativeNumber value, NativeOptions options);
    [DllImport(Library)] internal static extern IntPtr tensor_from_memory(IntPtr data, long* sizes, int rank, int dtype, delegate* unmanaged<IntPtr, void> release, IntPtr context);
    [DllImport(Library)] internal static extern IntPtr tensor_scalar(NativeNumber value, NativeOptions options);
    [DllImport(Library), SuppressGCTransition] internal static extern long tensor_dim(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long tensor_numel(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern long tensor_element_size(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern int tensor_dtype(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern int tensor_device_type(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern int tensor_device_index(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern int tensor_requires_grad(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern int tensor_is_contiguous(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern int tensor_is_leaf(IntPtr tensor);
    [DllImport(Library)] internal static extern int tensor_is_pinned(IntPtr tensor);
    [DllImport(Library), SuppressGCTransition] internal static extern void tensor_sizes(IntPtr tensor, long* values);
    [DllImport(Library)] internal static extern int tensor_strides(IntPtr tensor, long* values);
    [DllImport(Library)] internal static extern long tensor_size(IntPtr tensor, long dim);
    [DllImport(Library)] internal static extern long tensor_stride(IntPtr tensor, long dim);
    [DllImport(Library)] internal static extern IntPtr tensor_data(IntPtr tensor);
    [DllImport(Library)] internal static extern IntPtr tensor_to_dtype(IntPtr tensor, int dtype, int copy, int nonBlocking);
    [DllImport(Library)] internal static extern IntPtr tensor_to(IntPtr tensor, int dtype, int deviceType, int deviceIndex, int copy, int nonBlocking);
    [DllImport(Library)] internal static extern IntPtr tensor_clone(IntPtr tensor);
    [DllImport(Library)] internal static extern IntPtr tensor_contiguous(IntPtr tensor);
    [DllImport(Library)] internal static extern IntPtr tensor_pin_memory(IntPtr tensor);
    [DllImport(Library)] internal static extern int tensor_copy_(IntPtr tensor, IntPtr source, int nonBlocking);
    [DllImport(Library)] internal static extern int tensor_set_(IntPtr tensor, IntPtr source);
    [DllImport(Library)] internal static extern int tensor_set_requires_grad(IntPtr tensor, int requiresGrad);
    [DllImport(Library)] internal static extern int tensor_retain_grad(IntPtr tensor);
    [DllImport(Library)] internal static extern IntPtr tensor_grad(IntPtr tensor);
    [DllImport(Library)] internal static extern int tensor_set_grad(IntPtr tensor, IntPtr grad);
    [DllImport(Library)] internal static extern IntPtr tensor_detach(IntPtr tensor);
    [DllImport(Library)] internal static extern int tensor_detach_(IntPtr tensor);
    [DllImport(Library)] internal static extern int autograd_backward(IntPtr* tensors, int count, IntPtr* grads, int gradCount, int retainGraph, int createGraph, IntPtr* inputs, int inputCount);
    [DllImport(Library)] internal static extern int autograd_grad(IntPtr* outputs, int outputCount, IntPtr* inputs, int inputCount, IntPtr* grads, int gradCount, int retainGraph, int createGraph, int allowUnused, IntPtr* results);
}
