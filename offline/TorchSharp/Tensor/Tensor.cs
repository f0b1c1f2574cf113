using System;
using System.Collections.Generic;
using System.Threading;
using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Lifetime and description of a tensor. A handle is owned by exactly one object.</summary>
    public partial class Tensor : IDisposable
    {
        private static long s_totalCount;

        internal IntPtr handle;

        internal Tensor(IntPtr handle, bool register = true)
        {
            this.handle = handle;
            Interlocked.Increment(ref s_totalCount);
            if (register) OwningDisposeScope = DisposeScopeManager.ThreadSingleton.Register(this);
        }

        ~Tensor() => Dispose(false);

        public IntPtr Handle =>
            handle != IntPtr.Zero ? handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        /// <summary>The tensors alive, of all threads, and those that parameters were made of.</summary>
        public static long TotalCount => Interlocked.Read(ref s_totalCount);

        public bool IsInvalid => handle == IntPtr.Zero;

        internal DisposeScope? OwningDisposeScope { get; set; }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (handle == IntPtr.Zero) return;
            DisposeScopeManager.ThreadSingleton.CountDisposed(this);
            OwningDisposeScope?.MarkAsDisposed(this);
            Interlocked.Decrement(ref s_totalCount);
            tensor_dispose(MoveHandle());
        }

        /// <summary>Empties this object; the caller owns the handle now. The total count goes on counting this object.</summary>
        internal IntPtr MoveHandle()
        {
            IntPtr moved = handle;
            handle = IntPtr.Zero;
            return moved;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is null) other?.Attach(this);
            else OwningDisposeScope.MoveToOther(other, this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public long ndim => dim();

        public long dim()
        {
            long result = tensor_dim(Handle);
            GC.KeepAlive(this);
            return result;
        }

        public long NumberOfElements => numel();

        public long numel()
        {
            long result = tensor_numel(Handle);
            GC.KeepAlive(this);
            return result;
        }

        public long ElementSize => element_size();

        public long element_size()
        {
            long result = tensor_element_size(Handle);
            GC.KeepAlive(this);
            return result;
        }

        public ScalarType dtype
        {
            get
            {
                int result = tensor_dtype(Handle);
                GC.KeepAlive(this);
                return (ScalarType)result;
            }
        }

        public DeviceType device_type
        {
            get
            {
                int result = tensor_device_type(Handle);
                GC.KeepAlive(this);
                return (DeviceType)result;
            }
        }

        public Device device
        {
            get
            {
                int index = tensor_device_index(Handle);
                return new Device(device_type, index);
            }
        }

        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[dim()];
                fixed (long* values = sizes) tensor_sizes(Handle, values);
                GC.KeepAlive(this);
                return sizes;
            }
        }

        public long[] size() => shape;

        public long size(int dim) => Size(tensor_size(Handle, dim));

        public unsafe long[] stride()
        {
            var strides = new long[dim()];
            fixed (long* values = strides) Check(tensor_strides(Handle, values), this);
            return strides;
        }

        public long stride(int dim)
        {
            // A stride is never -1 for a dense tensor, so -1 can only mean an error.
            return Size(tensor_stride(Handle, dim));
        }

        public bool is_contiguous()
        {
            int result = tensor_is_contiguous(Handle);
            GC.KeepAlive(this);
            return result != 0;
        }

        public bool is_pinned()
        {
            int result = tensor_is_pinned(Handle);
            GC.KeepAlive(this);
            if (result < 0) ThrowLastError();
            return result != 0;
        }

        public override string ToString() =>
            IsInvalid ? "[disposed]" : $"[{string.Join('x', shape)}], type = {dtype}, device = {device}";

        private long Size(long result)
        {
            GC.KeepAlive(this);
            if (result == -1) ThrowLastError();
            return result;
        }
    }
}
