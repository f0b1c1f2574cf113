using System;
using System.IO;
using TorchSharp.Utils;
using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The memory of a tensor.</summary>
    public partial class Tensor
    {
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            RequireElement(typeof(T));
            return new TensorAccessor<T>(this);
        }

        public T item<T>() where T : unmanaged
        {
            if (numel() != 1) throw new ArgumentException("Number of elements in the tensor must be 1");
            return data<T>()[0];
        }

        public unsafe Span<byte> bytes
        {
            get
            {
                long length = numel() * element_size();
                RequireReadable();
                if (length > int.MaxValue) throw new ArgumentException("Span only supports up to int.MaxValue elements.");
                return new Span<byte>((void*)DataPointer(), (int)length);
            }

            set
            {
                if (!is_contiguous()) throw new InvalidOperationException("SetBytes() called on non-contiguous tensor.");
                if (value.Length != numel() * element_size()) throw new ArgumentException("Mismatched data sizes in SetBytes().");
                value.CopyTo(bytes);
            }
        }

        public void WriteBytesToStream(Stream stream, int bufferSize = 1024) =>
            ForEachBlock(bufferSize, block => stream.Write(block));

        public void ReadBytesFromStream(Stream stream, int bufferSize = 1024) =>
            ForEachBlock(bufferSize, stream.ReadExactly);

        private delegate void BlockAction(Span<byte> block);

        private unsafe void ForEachBlock(int bufferSize, BlockAction action)
        {
            RequireReadable();
            // Memory and stream meet directly; the buffer size only bounds how much is handed over at once.
            int largest = Math.Max(bufferSize, 1 << 20);
            byte* position = (byte*)DataPointer();
            for (long left = numel() * element_size(); left > 0;)
            {
                int length = (int)Math.Min(left, largest);
                action(new Span<byte>(position, length));
                position += length;
                left -= length;
            }
            GC.KeepAlive(this);
        }

        private void RequireReadable()
        {
            if (!is_contiguous()) throw new InvalidOperationException("Bytes() called on non-contiguous tensor.");
            RequireOnCpu();
        }

        internal void RequireOnCpu()
        {
            if (device_type != DeviceType.CPU)
                throw new InvalidOperationException(
                    "Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        }

        internal IntPtr DataPointer()
        {
            IntPtr pointer = tensor_data(Handle);
            if (pointer == IntPtr.Zero && numel() > 0) ThrowLastError();
            GC.KeepAlive(this);
            return pointer;
        }

        private void RequireElement(Type type)
        {
            bool fits = dtype switch
            {
                ScalarType.Byte => type == typeof(byte),
                ScalarType.Int8 => type == typeof(sbyte),
                ScalarType.Int16 => type == typeof(short),
                ScalarType.Int32 => type == typeof(int),
                ScalarType.Int64 => type == typeof(long),
                ScalarType.Float16 => type == typeof(Half),
                ScalarType.Float32 => type == typeof(float),
                ScalarType.Float64 => type == typeof(double),
                ScalarType.Bool => type == typeof(bool),
                _ => false,
            };
            if (!fits) throw new ArgumentException($"{type.Name} is not compatible with {dtype}");
        }
    }
}
