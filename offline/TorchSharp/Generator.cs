using System;

namespace TorchSharp;

public static partial class torch
{
    public static Generator manual_seed(long seed)
    {
        Check(NativeMethods.torch_manual_seed(seed));
        return Generator.Default;
    }

    public static class random
    {
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);

        public static long initial_seed()
        {
            using Generator generator = Generator.Default;
            return generator.initial_seed();
        }

        public static Tensor get_rng_state()
        {
            using Generator generator = Generator.Default;
            return generator.get_state();
        }

        public static void set_rng_state(Tensor new_state)
        {
            using Generator generator = Generator.Default;
            generator.set_state(new_state);
        }
    }

    public class Generator : IDisposable
    {
        public IntPtr Handle { get; private set; }

        public Device device { get; }

        private Generator(IntPtr handle)
        {
            if (handle == IntPtr.Zero) ThrowLastError();
            Handle = handle;
            device = CPU;
        }

        public Generator(ulong seed = 0, Device? device = null) : this(NativeMethods.generator_new(seed))
        {
            if (device is not null && device.type != DeviceType.CPU)
                throw new NotSupportedException($"A generator on '{device}' is not supported; leave 'device' out for the CPU.");
        }

        ~Generator() => Dispose(false);

        public static Generator Default => new(NativeMethods.generator_default());

        public Generator manual_seed(long seed)
        {
            Check(NativeMethods.generator_manual_seed(Handle, seed), this);
            return this;
        }

        public long initial_seed()
        {
            long seed = NativeMethods.generator_initial_seed(Handle);
            GC.KeepAlive(this);
            return seed;
        }

        public Tensor get_state() => Own(NativeMethods.generator_get_state(Handle), this);

        public void set_state(Tensor value) => Check(NativeMethods.generator_set_state(Handle, value.Handle), this, value);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            NativeMethods.generator_dispose(Handle);
            Handle = IntPtr.Zero;
        }
    }
}
