using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// Turns a returned handle into a tensor or the waiting error into an exception. The operands are parameters so that
    /// they stay reachable until the native call is over: their finalizers run on another thread.
    /// </summary>
    internal static Tensor Own(IntPtr handle, object? a = null, object? b = null, object? c = null, object? d = null, object? e = null)
    {
        KeepAlive(a, b, c, d, e);
        if (handle == IntPtr.Zero) ThrowLastError();
        return new Tensor(handle);
    }

    /// <summary>As <see cref="Own"/>, for calls that answer 1 for done and 0 for failed.</summary>
    internal static void Check(int succeeded, object? a = null, object? b = null, object? c = null, object? d = null, object? e = null)
    {
        KeepAlive(a, b, c, d, e);
        if (succeeded == 0) ThrowLastError();
    }

    internal static Tensor Done(this Tensor tensor, int succeeded, object? b = null, object? c = null)
    {
        Check(succeeded, tensor, b, c);
        return tensor;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void KeepAlive(object? a, object? b, object? c, object? d, object? e)
    {
    }

    /// <summary>For calls whose result does not tell success from failure.</summary>
    internal static void CheckForErrors()
    {
        IntPtr message = NativeMethods.torch_take_error();
        if (message != IntPtr.Zero) throw new ExternalException(Marshal.PtrToStringUTF8(message));
    }

    internal static void ThrowLastError() =>
        throw new ExternalException(
            Marshal.PtrToStringUTF8(NativeMethods.torch_take_error()) ?? "LibTorch failed without saying why.");

    internal static IntPtr HandleOf(Tensor? tensor) => tensor is null ? IntPtr.Zero : tensor.Handle;

    internal static IntPtr HandleOf(Generator? generator) => generator is null ? IntPtr.Zero : generator.Handle;

    internal static NativeNumber NumberOf(Scalar? scalar) => scalar is null ? NativeNumber.Absent : scalar.Number;

    internal static int DTypeOf(ScalarType? dtype) => dtype.HasValue ? (int)dtype.Value : -1;

    internal static IntPtr[] HandlesOf(IList<Tensor>? tensors)
    {
        if (tensors is null) return Array.Empty<IntPtr>();
        var handles = new IntPtr[tensors.Count];
        for (int i = 0; i < handles.Length; i++) handles[i] = tensors[i].Handle;
        return handles;
    }

    internal static NativeOptions NewOptions(ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
    {
        if (names is not null) throw new NotSupportedException("Named dimensions are not supported; leave 'names' out.");
        device ??= get_default_device();
        return new NativeOptions
        {
            DType = DTypeOf(dtype),
            DeviceType = (int)device.type,
            DeviceIndex = device.index,
            RequiresGrad = requires_grad ? 1 : 0,
        };
    }

    /// <summary>Collects the tensors that a native call hands out one by one.</summary>
    internal sealed class TensorCollector : IDisposable
    {
        private readonly List<IntPtr> handles = new();
        private GCHandle self;

        public TensorCollector() => self = GCHandle.Alloc(this);

        public IntPtr Context => GCHandle.ToIntPtr(self);

        [UnmanagedCallersOnly]
        public static void Give(IntPtr context, IntPtr tensor) =>
            ((TensorCollector)GCHandle.FromIntPtr(context).Target!).handles.Add(tensor);

        public Tensor[] ToTensors()
        {
            var tensors = new Tensor[handles.Count];
            for (int i = 0; i < tensors.Length; i++) tensors[i] = new Tensor(handles[i]);
            handles.Clear();
            return tensors;
        }

        public void Dispose()
        {
            foreach (IntPtr handle in handles) NativeMethods.tensor_dispose(handle);
            self.Free();
        }
    }
}
