using System;
using System.Runtime.InteropServices;

namespace TorchSharp;

// The exports of offline/LibTorchSharp/TensorShape.cpp.
internal static unsafe partial class NativeMethods
{
    [DllImport(Library)] internal static extern IntPtr tensor_view(IntPtr tensor, long* sizes, int count);
    [DllImport(Library)] internal static extern IntPtr tensor_reshape(IntPtr tensor, long* sizes, int count);
    [DllImport(Library)] internal static extern IntPtr tensor_permute(IntPtr tensor, long* dims, int count);
    [DllImport(Library)] internal static extern IntPtr tensor_expand(IntPtr tensor, long* sizes, int count, int isImplicit);
    [DllImport(Library)] internal static extern IntPtr tensor_repeat(IntPtr tensor, long* sizes, int count);
    [DllImport(Library)] internal static extern IntPtr tensor_flip(IntPtr tensor, long* dims, int count);
    [DllImport(Library)] internal static extern IntPtr tensor_roll(IntPtr tensor, long* shifts, int shiftCount, long* dims, int dimCount);
    [DllImport(Library)] internal static extern IntPtr tensor_as_strided(IntPtr tensor, long* sizes, long* strides, int count, long* offset);
    [DllImport(Library)] internal static extern IntPtr tensor_flatten(IntPtr tensor, long start, long end);
    [DllImport(Library)] internal static extern IntPtr tensor_transpose(IntPtr tensor, long first, long second);
    [DllImport(Library)] internal static extern IntPtr tensor_t(IntPtr tensor);
    [DllImport(Library)] internal static extern IntPtr tensor_squeeze(IntPtr tensor, long* dim);
    [DllImport(Library)] internal static extern IntPtr tensor_unsqueeze(IntPtr tensor, long dim);
    [DllImport(Library)] internal static extern IntPtr tensor_narrow(IntPtr tensor, long dim, long start, long length);
    [DllImport(Library)] internal static extern IntPtr tensor_slice(IntPtr tensor, long dim, long start, long finish, long step);
    [DllImport(Library)] internal static extern IntPtr tensor_select(IntPtr tensor, long dim, long index);
    [DllImport(Library)] internal static extern IntPtr tensor_unfold(IntPtr tensor, long dim, long size, long step);
    [DllImport(Library)] internal static extern IntPtr tensor_index_select(IntPtr tensor, long dim, IntPtr index);
    [DllImport(Library)] internal static extern IntPtr tensor_gather(IntPtr tensor, long dim, IntPtr index, int sparseGrad);
    [DllImport(Library)] internal static extern IntPtr tensor_scatter(IntPtr tensor, long dim, IntPtr index, IntPtr source);
    [DllImport(Library)] internal static extern int tensor_scatter_(IntPtr tensor, long dim, IntPtr index, IntPtr source);
    [DllImport(Library)] internal static extern int tensor_scatter_add_(IntPtr tensor, long dim, IntPtr index, IntPtr source);
    [DllImport(Library)] internal static extern IntPtr tensor_masked_fill(IntPtr tensor, IntPtr mask, NativeNumber value);
    [DllImport(Library)] internal static extern int tensor_masked_fill_(IntPtr tensor, IntPtr mask, NativeNumber value);
    [DllImport(Library)] internal static extern IntPtr tensor_masked_select(IntPtr tensor, IntPtr mask);
    [DllImport(Library)] internal static extern IntPtr tensor_index(IntPtr tensor, NativeIndex* items, int count);
    [DllImport(Library)] internal static extern int tensor_index_put_(IntPtr tensor, NativeIndex* items, int count, IntPtr value);
    [DllImport(Library)] internal static extern int tensor_index_put_number_(IntPtr tensor, NativeIndex* items, int count, NativeNumber value);
    [DllImport(Library)] internal static extern IntPtr tensor_cat(IntPtr* tensors, int count, long dim);
    [DllImport(Library)] internal static extern IntPtr tensor_stack(IntPtr* tensors, int count, long dim);
    [DllImport(Library)] internal static extern int tensor_split_size(IntPtr tensor, long size, long dim, delegate* unmanaged<IntPtr, IntPtr, void> give, IntPtr context);
    [DllImport(Library)] internal static extern int tensor_split_sizes(IntPtr tensor, long* sizes, int count, long dim, delegate* unmanaged<IntPtr, IntPtr, void> give, IntPtr context);
    [DllImport(Library)] internal static extern int tensor_chunk(IntPtr tensor, long chunks, long dim, delegate* unmanaged<IntPtr, IntPtr, void> give, IntPtr context);
    [DllImport(Library)] internal static extern int tensor_unbind(IntPtr tensor, long dim, delegate* unmanaged<IntPtr, IntPtr, void> give, IntPtr context);
    [DllImport(Library)] internal static extern int tensor_where_indices(IntPtr condition, delegate* unmanaged<IntPtr, IntPtr, void> give, IntPtr context);
}
