using System;
using System.Collections.Generic;
using System.Linq;
using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Views and selections.</summary>
    public unsafe partial class Tensor
    {
        public Tensor view(params long[] shape)
        {
            fixed (long* sizes = shape) return Own(tensor_view(Handle, sizes, shape.Length), this);
        }

        public Tensor reshape(params long[] shape)
        {
            fixed (long* sizes = shape) return Own(tensor_reshape(Handle, sizes, shape.Length), this);
        }

        public Tensor permute(params long[] permutation)
        {
            fixed (long* dims = permutation) return Own(tensor_permute(Handle, dims, permutation.Length), this);
        }

        public Tensor expand(params long[] sizes)
        {
            fixed (long* values = sizes) return Own(tensor_expand(Handle, values, sizes.Length, 0), this);
        }

        public Tensor repeat(params long[] sizes)
        {
            fixed (long* values = sizes) return Own(tensor_repeat(Handle, values, sizes.Length), this);
        }

        public Tensor flip(params long[] dims)
        {
            fixed (long* values = dims) return Own(tensor_flip(Handle, values, dims.Length), this);
        }

        public Tensor roll(long shifts, long? dims = null)
        {
            long dim = dims.GetValueOrDefault();
            return Own(tensor_roll(Handle, &shifts, 1, &dim, dims.HasValue ? 1 : 0), this);
        }

        public Tensor roll(long[] shifts, long[] dims)
        {
            fixed (long* by = shifts, along = dims) return Own(tensor_roll(Handle, by, shifts.Length, along, dims.Length), this);
        }

        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0L)
        {
            fixed (long* sizes = size, steps = strides)
                return Own(tensor_as_strided(Handle, sizes, steps, size.Length, &storageOffset), this);
        }

        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Own(tensor_flatten(Handle, start_dim, end_dim), this);

        public Tensor transpose(long dim0, long dim1) => Own(tensor_transpose(Handle, dim0, dim1), this);

        public Tensor t() => Own(tensor_t(Handle), this);

        public Tensor squeeze(long? dim = null)
        {
            long single = dim.GetValueOrDefault();
            return Own(tensor_squeeze(Handle, dim.HasValue ? &single : null), this);
        }

        public Tensor unsqueeze(long dim) => Own(tensor_unsqueeze(Handle, dim), this);

        public Tensor narrow(long dim, long start, long length) => Own(tensor_narrow(Handle, dim, start, length), this);

        public Tensor slice(long dim, long start, long finish, long step) =>
            Own(tensor_slice(Handle, dim, start, finish, step), this);

        public Tensor select(long dim, long index) => Own(tensor_select(Handle, dim, index), this);

        public Tensor unfold(long dimension, long size, long step) => Own(tensor_unfold(Handle, dimension, size, step), this);

        public Tensor index_select(long dim, Tensor index) => Own(tensor_index_select(Handle, dim, index.Handle), this, index);

        public Tensor gather(long dim, Tensor index) => Own(tensor_gather(Handle, dim, index.Handle, 0), this, index);

        public Tensor scatter(long dim, Tensor index, Tensor src) =>
            Own(tensor_scatter(Handle, dim, index.Handle, src.Handle), this, index, src);

        public Tensor scatter_(long dim, Tensor index, Tensor src) =>
            this.Done(tensor_scatter_(Handle, dim, index.Handle, src.Handle), index, src);

        public Tensor scatter_add_(long dim, Tensor index, Tensor src) =>
            this.Done(tensor_scatter_add_(Handle, dim, index.Handle, src.Handle), index, src);

        public Tensor masked_fill(Tensor mask, Scalar value) =>
            Own(tensor_masked_fill(Handle, mask.Handle, value.Number), this, mask);

        public Tensor masked_fill_(Tensor mask, Scalar value) =>
            this.Done(tensor_masked_fill_(Handle, mask.Handle, value.Number), mask);

        public Tensor masked_select(Tensor mask) => Own(tensor_masked_select(Handle, mask.Handle), this, mask);

        public Tensor[] split(long size, int dim = 0)
        {
            using var pieces = new TensorCollector();
            Check(tensor_split_size(Handle, size, dim, &TensorCollector.Give, pieces.Context), this);
            return pieces.ToTensors();
        }

        public Tensor[] split(long[] sizes, long dim = 0)
        {
            using var pieces = new TensorCollector();
            fixed (long* values = sizes)
                Check(tensor_split_sizes(Handle, values, sizes.Length, dim, &TensorCollector.Give, pieces.Context), this);
            return pieces.ToTensors();
        }

        public Tensor[] chunk(long chunks, long dim = 0L)
        {
            using var pieces = new TensorCollector();
            Check(tensor_chunk(Handle, chunks, dim, &TensorCollector.Give, pieces.Context), this);
            return pieces.ToTensors();
        }

        public Tensor[] unbind(long dimension = 0L)
        {
            using var pieces = new TensorCollector();
            Check(tensor_unbind(Handle, dimension, &TensorCollector.Give, pieces.Context), this);
            return pieces.ToTensors();
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(Array.ConvertAll(indices, TensorIndex.Tensor));
            set => index_put_(value, Array.ConvertAll(indices, TensorIndex.Tensor));
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => index(i1);
            set => index_put_(value, i1);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => index(i1, i2);
            set => index_put_(value, i1, i2);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => index(i1, i2, i3);
            set => index_put_(value, i1, i2, i3);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            NativeIndex[] items = Array.ConvertAll(indices, index => index.ToNative());
            fixed (NativeIndex* pointer = items) return Own(tensor_index(Handle, pointer, items.Length), this, indices);
        }

        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            NativeIndex[] items = Array.ConvertAll(indices, index => index.ToNative());
            fixed (NativeIndex* pointer = items)
                return this.Done(tensor_index_put_(Handle, pointer, items.Length, value.Handle), value, indices);
        }

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            NativeIndex[] items = Array.ConvertAll(indices, index => index.ToNative());
            fixed (NativeIndex* pointer = items)
                return this.Done(tensor_index_put_number_(Handle, pointer, items.Length, value.Number), indices);
        }
    }

    /// <summary>One dimension of an index expression.</summary>
    public struct TensorIndex
    {
        private const int SingleKind = 2, SliceKind = 3, TensorKind = 4, EllipsisKind = 5, NoneKind = 6;

        private int kind;
        private long? start;
        private long? stop;
        private long? step;
        private Tensor? tensor;

        public static TensorIndex Ellipsis = new() { kind = EllipsisKind };

        public static TensorIndex None = new() { kind = NoneKind };

        public static TensorIndex Colon = Slice();

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { kind = SliceKind, start = start, stop = stop, step = step };

        public static TensorIndex Single(long? index) => new() { kind = SingleKind, start = index };

        public static TensorIndex Tensor(Tensor tensor) => new() { kind = TensorKind, tensor = tensor };

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex(Range range) => Slice(
            range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
            range.End is { IsFromEnd: true, Value: 0 } ? null : range.End.IsFromEnd ? -range.End.Value : range.End.Value);

        internal readonly NativeIndex ToNative() => new()
        {
            Kind = kind,
            Start = start ?? NativeIndex.Absent,
            Stop = stop ?? NativeIndex.Absent,
            Step = step ?? NativeIndex.Absent,
            Tensor = HandleOf(tensor),
        };
    }

    public static unsafe Tensor cat(IList<Tensor> tensors, long dim = 0)
    {
        IntPtr[] handles = HandlesOf(tensors);
        fixed (IntPtr* pointer = handles) return Own(tensor_cat(pointer, handles.Length, dim), tensors);
    }

    public static unsafe Tensor stack(IEnumerable<Tensor> tensors, long dim = 0)
    {
        Tensor[] list = tensors.ToArray();
        IntPtr[] handles = HandlesOf(list);
        fixed (IntPtr* pointer = handles) return Own(tensor_stack(pointer, handles.Length, dim), list);
    }

    public static unsafe Tensor einsum(string equation, params Tensor[] tensors)
    {
        IntPtr[] handles = HandlesOf(tensors);
        fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(equation + "\0"))
        fixed (IntPtr* pointer = handles)
            return Own(tensor_einsum(text, pointer, handles.Length), tensors);
    }

    public static Tensor where(Tensor condition, Tensor x, Tensor y) =>
        Own(tensor_where(condition.Handle, x.Handle, y.Handle), condition, x, y);

    public static unsafe Tensor[] where(Tensor condition)
    {
        using var pieces = new TensorCollector();
        Check(tensor_where_indices(condition.Handle, &TensorCollector.Give, pieces.Context), condition);
        return pieces.ToTensors();
    }
}
