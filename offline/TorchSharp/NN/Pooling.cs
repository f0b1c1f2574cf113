namespace TorchSharp
{
    using Modules;

    namespace Modules
    {
        public sealed class MaxPool2d : torch.nn.Module<torch.Tensor, torch.Tensor>
        {
            private readonly long[] _kernelSize;
            private readonly long[]? _stride;
            private readonly long[]? _padding;
            private readonly long[]? _dilation;
            private readonly bool _ceilMode;

            internal MaxPool2d(long[] kernelSize, long[]? stride, long[]? padding, long[]? dilation, bool ceilMode)
                : base(nameof(MaxPool2d))
            {
                _kernelSize = kernelSize;
                _stride = stride;
                _padding = padding;
                _dilation = dilation;
                _ceilMode = ceilMode;
            }

            public override torch.Tensor forward(torch.Tensor input)
                => torch.nn.functional.max_pool2d(input, _kernelSize, _stride, _padding, _dilation, _ceilMode);
        }

        public sealed class AvgPool2d : torch.nn.Module<torch.Tensor, torch.Tensor>
        {
            private readonly long[] _kernelSize;
            private readonly long[]? _stride;
            private readonly long[]? _padding;
            private readonly bool _ceilMode;
            private readonly bool _countIncludePad;

            internal AvgPool2d(
                long[] kernelSize, long[]? stride, long[]? padding, bool ceilMode, bool countIncludePad)
                : base(nameof(AvgPool2d))
            {
                _kernelSize = kernelSize;
                _stride = stride;
                _padding = padding;
                _ceilMode = ceilMode;
                _countIncludePad = countIncludePad;
            }

            public override torch.Tensor forward(torch.Tensor input)
                => torch.nn.functional.avg_pool2d(input, _kernelSize, _stride, _padding, _ceilMode, _countIncludePad);
        }

        public sealed class AdaptiveAvgPool2d : torch.nn.Module<torch.Tensor, torch.Tensor>
        {
            private readonly long[] _outputSize;

            internal AdaptiveAvgPool2d(long[] outputSize) : base(nameof(AdaptiveAvgPool2d)) => _outputSize = outputSize;

            public override torch.Tensor forward(torch.Tensor input)
                => torch.nn.functional.adaptive_avg_pool2d(input, _outputSize);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static MaxPool2d MaxPool2d(
                long kernelSize, long? stride = null, long? padding = null, long? dilation = null,
                bool ceilMode = false)
                => new(Square(kernelSize)!, Square(stride), Square(padding), Square(dilation), ceilMode);

            public static AvgPool2d AvgPool2d(
                long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false,
                bool count_include_pad = true)
                => new(Square(kernel_size)!, Square(stride), Square(padding), ceil_mode, count_include_pad);

            public static AdaptiveAvgPool2d AdaptiveAvgPool2d(long outputSize) => new(Square(outputSize)!);

            public static AdaptiveAvgPool2d AdaptiveAvgPool2d((long, long) outputSize)
                => new([outputSize.Item1, outputSize.Item2]);

            private static long[]? Square(long? side) => side is { } length ? [length, length] : null;
        }
    }
}
