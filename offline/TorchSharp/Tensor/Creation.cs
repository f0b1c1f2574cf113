using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static unsafe partial class torch
{
    public static Tensor empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        fixed (long* sizes = size) return Own(tensor_empty(sizes, size.Length, NewOptions(dtype, device, requires_grad, names)));
    }

    public static Tensor zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        fixed (long* sizes = size) return Own(tensor_zeros(sizes, size.Length, NewOptions(dtype, device, requires_grad, names)));
    }

    public static Tensor zeros(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        zeros(new[] { size }, dtype, device, requires_grad, names);

    public static Tensor zeros(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        zeros(new[] { rows, columns }, dtype, device, requires_grad, names);

    public static Tensor zeros(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        zeros(new[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad, names);

    public static Tensor ones(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        fixed (long* sizes = size) return Own(tensor_ones(sizes, size.Length, NewOptions(dtype, device, requires_grad, names)));
    }

    public static Tensor ones(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        ones(new[] { size }, dtype, device, requires_grad, names);

    public static Tensor ones(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        ones(new[] { rows, columns }, dtype, device, requires_grad, names);

    public static Tensor full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        dtype ??= value.Number.IsIntegral ? ScalarType.Int64 : ScalarType.Float32;
        fixed (long* sizes = size)
            return Own(tensor_full(sizes, size.Length, value.Number, NewOptions(dtype, device, requires_grad, names)));
    }

    public static Tensor empty_strided(long[] size, long[] strides, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        fixed (long* sizes = size, steps = strides)
            return Own(tensor_empty_strided(sizes, steps, size.Length, NewOptions(dtype, device, requires_grad, names)));
    }

    public static Tensor eye(long rows, long columns = -1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Own(tensor_eye(rows, columns < 0 ? rows : columns, NewOptions(dtype, device, requires_grad, names)));

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        bool integral = start.Number.IsIntegral && stop.Number.IsIntegral && step.Number.IsIntegral;
        dtype ??= integral ? ScalarType.Int64 : ScalarType.Float32;
        return Own(tensor_arange(start.Number, stop.Number, step.Number, NewOptions(dtype, device, requires_grad, null)));
    }

    public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Own(tensor_linspace(start, end, steps, NewOptions(dtype, device, requires_grad, null)));

    public static Tensor empty_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Own(tensor_empty_like(input.Handle, OptionsLike(dtype, device, requires_grad, names)), input);

    public static Tensor zeros_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Own(tensor_zeros_like(input.Handle, OptionsLike(dtype, device, requires_grad, names)), input);

    public static Tensor ones_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Own(tensor_ones_like(input.Handle, OptionsLike(dtype, device, requires_grad, names)), input);

    public static Tensor full_like(Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Own(tensor_full_like(input.Handle, value.Number, OptionsLike(dtype, device, requires_grad, names)), input);

    public static Tensor rand(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null)
    {
        fixed (long* sizes = size)
            return Own(tensor_rand(sizes, size.Length, NewOptions(dtype, device, requires_grad, names), HandleOf(generator)), generator);
    }

    public static Tensor randn(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null)
    {
        fixed (long* sizes = size)
            return Own(tensor_randn(sizes, size.Length, NewOptions(dtype, device, requires_grad, names), HandleOf(generator)), generator);
    }

    public static Tensor randn(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randn(new[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad, generator, names);

    public static Tensor randint(long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(0, high, size, dtype, device, requires_grad, generator, names);

    public static Tensor randint(long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null)
    {
        fixed (long* sizes = size)
        {
            return Own(
                tensor_randint(low, high, sizes, size.Length, NewOptions(dtype, device, requires_grad, names), HandleOf(generator)),
                generator);
        }
    }

    public static Tensor randperm(long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        Own(tensor_randperm(n, NewOptions(dtype, device, requires_grad, null), HandleOf(generator)), generator);

    public static Tensor bernoulli(Tensor input, Generator? generator = null) => input.bernoulli(generator);

    public static Tensor multinomial(Tensor input, long num_samples, bool replacement = false, Generator? generator = null) =>
        input.multinomial(num_samples, replacement, generator);

    public static Tensor tensor(float scalar, Device? device = null, bool requires_grad = false) =>
        ScalarTensor(scalar, ScalarType.Float32, device, requires_grad);

    public static Tensor tensor(double scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        ScalarTensor(scalar, dtype ?? ScalarType.Float64, device, requires_grad);

    public static Tensor tensor(int scalar, Device? device = null, bool requires_grad = false) =>
        ScalarTensor(scalar, ScalarType.Int32, device, requires_grad);

    public static Tensor tensor(long scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        ScalarTensor(scalar, dtype ?? ScalarType.Int64, device, requires_grad);

    public static Tensor tensor(float[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Copied(rawArray, new long[] { rawArray.Length }, dtype, device, requires_grad, names);

    public static Tensor tensor(float[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Copied(rawArray, dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(byte[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Copied(rawArray, new long[] { rawArray.Length }, dtype, device, requires_grad, names);

    public static Tensor tensor(byte[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Copied(rawArray, dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(long[] dataArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Copied(dataArray, new long[] { dataArray.Length }, dtype, device, requires_grad, names);

    public static Tensor tensor(long[] dataArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Copied(dataArray, dimensions, dtype, device, requires_grad, names);

    public static Tensor tensor(bool[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Copied(rawArray, new long[] { rawArray.Length }, dtype, device, requires_grad, names);

    public static Tensor as_tensor(float[] rawArray, ScalarType? dtype = null, Device? device = null) => from_array(rawArray, dtype, device);

    public static Tensor as_tensor(byte[] rawArray, ScalarType? dtype = null, Device? device = null) => from_array(rawArray, dtype, device);

    public static Tensor as_tensor(long[] rawArray, ScalarType? dtype = null, Device? device = null) => from_array(rawArray, dtype, device);

    public static Tensor as_tensor(Array data, ScalarType? dtype = null, Device? device = null) => from_array(data, dtype, device);

    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    /// <summary>Shares the array's memory where neither type nor device change.</summary>
    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        var shape = new long[rawArray.Rank];
        for (int i = 0; i < shape.Length; i++) shape[i] = rawArray.GetLongLength(i);
        return Finished(Shared(rawArray, shape, 0), dtype, device, requires_grad, names);
    }

    public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        long length = rawArray.LongLength;
        if (offset < 0 || offset >= length) throw new ArgumentException($"invalid value for 'offset': {offset}");
        if (count < 0) count = length - offset;
        if (count > length - offset) throw new IndexOutOfRangeException($"element count is too large: {count}");
        return Finished(Shared(rawArray, new[] { count }, offset), dtype, null, requires_grad, null);
    }

    private static Tensor ScalarTensor(Scalar value, ScalarType dtype, Device? device, bool requires_grad) =>
        Own(tensor_scalar(value.Number, NewOptions(dtype, device, requires_grad, null)));

    private static Tensor Copied(Array values, ReadOnlySpan<long> shape, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
    {
        long count = 1;
        foreach (long size in shape) count *= size;
        if (count != values.LongLength)
            throw new ArgumentException($"mismatched total size creating a tensor from an array: {values.LongLength} values for a shape of {count}");

        // One copy: the conversion where there is one, else a clone.
        using Tensor shared = Shared(values, shape, 0);
        bool converts = (dtype.HasValue && dtype != shared.dtype) || (device ?? get_default_device()).type != DeviceType.CPU;
        using Tensor? clone = converts ? null : shared.clone();
        return Finished((clone ?? shared).alias(), dtype, device, requires_grad, names);
    }

    private static Tensor Finished(Tensor tensor, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
    {
        if (names is not null) throw new NotSupportedException("Named dimensions are not supported; leave 'names' out.");
        ScalarType type = dtype ?? tensor.dtype;
        device ??= get_default_device();
        if (type != tensor.dtype || device.type != DeviceType.CPU)
        {
            Tensor moved = tensor.to(type, device);
            tensor.Dispose();
            tensor = moved;
        }
        return requires_grad ? tensor.requires_grad_() : tensor;
    }

    /// <summary>A tensor on the memory of an array that stays pinned for as long as any tensor uses it.</summary>
    private static Tensor Shared(Array values, ReadOnlySpan<long> shape, long offset)
    {
        Type element = values.GetType().GetElementType()!;
        (ScalarType dtype, int width) = ElementOf(element);
        GCHandle pin = GCHandle.Alloc(values, GCHandleType.Pinned);
        IntPtr memory = Marshal.UnsafeAddrOfPinnedArrayElement(values, 0) + checked((nint)(offset * width));
        fixed (long* sizes = shape)
        {
            IntPtr handle = tensor_from_memory(memory, sizes, shape.Length, (int)dtype, &Unpin, GCHandle.ToIntPtr(pin));
            if (handle == IntPtr.Zero) pin.Free();
            return Own(handle);
        }
    }

    [UnmanagedCallersOnly]
    private static void Unpin(IntPtr pin) => GCHandle.FromIntPtr(pin).Free();

    private static (ScalarType, int) ElementOf(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Byte => (ScalarType.Byte, 1),
        TypeCode.SByte => (ScalarType.Int8, 1),
        TypeCode.Int16 => (ScalarType.Int16, 2),
        TypeCode.Int32 => (ScalarType.Int32, 4),
        TypeCode.Int64 => (ScalarType.Int64, 8),
        TypeCode.Single => (ScalarType.Float32, 4),
        TypeCode.Double => (ScalarType.Float64, 8),
        TypeCode.Boolean => (ScalarType.Bool, 1),
        _ when type == typeof(Half) => (ScalarType.Float16, 2),
        _ => throw new NotSupportedException($"The type {type.FullName} is not supported."),
    };

    private static NativeOptions OptionsLike(ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
    {
        if (names is not null) throw new NotSupportedException("Named dimensions are not supported; leave 'names' out.");
        return new NativeOptions
        {
            DType = DTypeOf(dtype),
            DeviceType = device is null ? -1 : (int)device.type,
            DeviceIndex = device?.index ?? -1,
            RequiresGrad = requires_grad ? 1 : 0,
        };
    }
}
