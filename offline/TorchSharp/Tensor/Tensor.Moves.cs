using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Other types, devices and layouts of the same values.</summary>
    public partial class Tensor
    {
        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to_type(type, copy, disposeAfter, non_blocking);

        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Moved(Own(tensor_to_dtype(Handle, (int)type, copy ? 1 : 0, non_blocking ? 1 : 0), this), disposeAfter);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Moved(To((int)type, device.type, device.index, copy, non_blocking), disposeAfter);

        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Moved(To(-1, deviceType, deviceIndex, copy, non_blocking), disposeAfter);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(device.type, device.index, copy, disposeAfter, non_blocking);

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(device), copy, disposeAfter, non_blocking);

        public Tensor to(Tensor other, bool non_blocking = false) =>
            to(other.dtype, other.device, non_blocking: non_blocking);

        public Tensor type(ScalarType dtype) => to(dtype);

        public Tensor cpu() => to(DeviceType.CPU);

        public Tensor cuda(Device? device = null, bool non_blocking = false) =>
            to(Present(device ?? CUDA), non_blocking: non_blocking);

        public Tensor @float() => to(ScalarType.Float32);

        public Tensor half() => to(ScalarType.Float16);

        public Tensor bfloat16() => to(ScalarType.BFloat16);

        public Tensor @long() => to(ScalarType.Int64);

        public Tensor alias() => Own(tensor_alias(Handle), this);

        public Tensor clone() => Own(tensor_clone(Handle), this);

        public Tensor contiguous() => Own(tensor_contiguous(Handle), this);

        public Tensor pin_memory() => Own(tensor_pin_memory(Handle), this);

        public Tensor copy_(Tensor source, bool nonBlocking = false) =>
            this.Done(tensor_copy_(Handle, source.Handle, nonBlocking ? 1 : 0), source);

        public Tensor set_(Tensor source) => this.Done(tensor_set_(Handle, source.Handle), source);

        private Tensor To(int dtype, DeviceType type, int index, bool copy, bool non_blocking) =>
            Own(tensor_to(Handle, dtype, (int)type, index, copy ? 1 : 0, non_blocking ? 1 : 0), this);

        private Tensor Moved(Tensor moved, bool disposeAfter)
        {
            if (disposeAfter) Dispose();
            return moved;
        }
    }
}
