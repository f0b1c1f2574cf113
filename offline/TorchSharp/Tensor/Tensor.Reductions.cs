using System;
using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Own(tensor_sum(Handle, DTypeOf(type)), this);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null)
        {
            fixed (long* dims = dim) return Own(tensor_sum_dims(Handle, dims, dim.Length, keepdim ? 1 : 0, DTypeOf(type)), this);
        }

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) =>
            Own(tensor_sum_dims(Handle, &dim, 1, keepdim ? 1 : 0, DTypeOf(type)), this);

        public Tensor mean() => Own(tensor_mean(Handle, -1), this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null)
        {
            fixed (long* dims = dimensions)
                return Own(tensor_mean_dims(Handle, dims, dimensions.Length, keepdim ? 1 : 0, DTypeOf(type)), this);
        }

        // The real package does not heed the argument either.
        public Tensor var(bool unbiased = true) => Own(tensor_var(Handle), this);

        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
        {
            using Tensor? cast = type.HasValue ? to(type.Value) : null;
            Tensor input = cast ?? this;
            fixed (long* dims = dimensions)
                return Own(tensor_var_dims(input.Handle, dims, dimensions.Length, unbiased ? 1 : 0, keepdim ? 1 : 0), input);
        }

        public Tensor std(bool unbiased = true) => Own(tensor_std(Handle, unbiased ? 1 : 0), this);

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
        {
            using Tensor? cast = type.HasValue ? to(type.Value) : null;
            Tensor input = cast ?? this;
            fixed (long* dims = dimensions)
                return Own(tensor_std_dims(input.Handle, dims, dimensions.Length, unbiased ? 1 : 0, keepdim ? 1 : 0), input);
        }

        public Tensor norm(float p = 2.0f) => Own(tensor_norm(Handle, NativeNumber.Of((double)p)), this);

        public Tensor norm(int dim, bool keepdim = false, float p = 2.0f)
        {
            long single = dim;
            return Own(tensor_norm_dims(Handle, NativeNumber.Of((double)p), &single, 1, keepdim ? 1 : 0), this);
        }

        public Tensor max() => Own(tensor_max(Handle), this);

        public Tensor min() => Own(tensor_min(Handle), this);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false)
        {
            IntPtr values, indices;
            Check(tensor_max_dim(Handle, dim, keepdim ? 1 : 0, &values, &indices), this);
            return (new Tensor(values), new Tensor(indices));
        }

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false)
        {
            IntPtr values, indices;
            Check(tensor_min_dim(Handle, dim, keepdim ? 1 : 0, &values, &indices), this);
            return (new Tensor(values), new Tensor(indices));
        }

        public Tensor amax(params long[] dims)
        {
            fixed (long* values = dims) return Own(tensor_amax(Handle, values, dims.Length, 0), this);
        }

        public Tensor amin(params long[] dims)
        {
            fixed (long* values = dims) return Own(tensor_amin(Handle, values, dims.Length, 0), this);
        }

        public Tensor argmax() => Own(tensor_argmax(Handle, null, 0), this);

        public Tensor argmax(long dim, bool keepdim = false) => Own(tensor_argmax(Handle, &dim, keepdim ? 1 : 0), this);

        public Tensor argmin() => Own(tensor_argmin(Handle, null, 0), this);

        public Tensor argmin(long dim, bool keepdim = false) => Own(tensor_argmin(Handle, &dim, keepdim ? 1 : 0), this);

        public Tensor all() => Own(tensor_all(Handle), this);

        public Tensor all(long dim, bool keepdim = false) => Own(tensor_all_dim(Handle, dim, keepdim ? 1 : 0), this);

        public Tensor any() => Own(tensor_any(Handle), this);

        public Tensor any(long dim, bool keepdim = false) => Own(tensor_any_dim(Handle, dim, keepdim ? 1 : 0), this);

        public Tensor median() => Own(tensor_median(Handle), this);

        public Tensor cumsum(long dim, ScalarType? type = null) => Own(tensor_cumsum(Handle, dim, DTypeOf(type)), this);

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true)
        {
            IntPtr values, indices;
            Check(tensor_topk(Handle, k, dim, largest ? 1 : 0, sorted ? 1 : 0, &values, &indices), this);
            return (new Tensor(values), new Tensor(indices));
        }

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false)
        {
            IntPtr values, indices;
            Check(tensor_sort(Handle, dim, descending ? 1 : 0, &values, &indices), this);
            return (new Tensor(values), new Tensor(indices));
        }

        public Tensor softmax(long dim, ScalarType? dtype = null) => Own(tensor_softmax(Handle, dim, DTypeOf(dtype)), this);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) =>
            Own(tensor_log_softmax(Handle, dim, DTypeOf(dtype)), this);

        public Tensor nonzero() => Own(tensor_nonzero(Handle), this);

        public Tensor bernoulli(Generator? generator = null) =>
            Own(tensor_bernoulli(Handle, HandleOf(generator)), this, generator);

        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) =>
            Own(tensor_multinomial(Handle, num_samples, replacement ? 1 : 0, HandleOf(generator)), this, generator);
    }
}
