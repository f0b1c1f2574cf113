using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public static int get_num_threads() => torch_get_num_threads();

    public static void set_num_threads(int num) => Check(torch_set_num_threads(num));

    public static int get_num_interop_threads() => torch_get_num_interop_threads();

    public static class cuda
    {
        public static bool is_available() => device_count() > 0;

        public static bool is_cudnn_available() => torch_cudnn_available() != 0;

        public static int device_count() => torch_cuda_device_count();

        public static void manual_seed(long seed) => Check(torch_cuda_manual_seed(seed, torch_cuda_current_device()));

        public static void manual_seed_all(long seed) => Check(torch_cuda_manual_seed(seed, -1));

        public static void synchronize(Device? device = null) => Check(torch_cuda_synchronize(device?.index ?? -1));
    }

    public static class backends
    {
        public static class cuda
        {
            public static class matmul
            {
                public static bool allow_tf32
                {
                    get => torch_allow_tf32(0) != 0;
                    set => Check(torch_set_allow_tf32(0, value ? 1 : 0));
                }
            }
        }

        public static class cudnn
        {
            public static bool allow_tf32
            {
                get => torch_allow_tf32(1) != 0;
                set => Check(torch_set_allow_tf32(1, value ? 1 : 0));
            }
        }
    }
}
