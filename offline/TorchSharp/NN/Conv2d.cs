namespace TorchSharp
{
    using Modules;

    namespace Modules
    {
        public sealed class Conv2d : torch.nn.Module<torch.Tensor, torch.Tensor>
        {
            private readonly long[] _stride;
            private readonly long[] _padding;
            private readonly long[] _dilation;
            private readonly PaddingModes _paddingMode;
            private readonly long _groups;

            internal Conv2d(
                long in_channels, long out_channels, (long, long) kernelSize, (long, long) stride,
                (long, long) padding, (long, long) dilation, PaddingModes padding_mode, long groups, bool bias,
                torch.Device? device, torch.ScalarType? dtype)
                : base(nameof(Conv2d))
            {
                _stride = [stride.Item1, stride.Item2];
                _padding = [padding.Item1, padding.Item2];
                _dilation = [dilation.Item1, dilation.Item2];
                _paddingMode = padding_mode;
                _groups = groups;
                long[] shape = [out_channels, in_channels / groups, kernelSize.Item1, kernelSize.Item2];
                weight = new Parameter(torch.empty(shape, dtype, device));
                if (bias)
                    this.bias = new Parameter(torch.empty([out_channels], dtype, device));
                torch.nn.init.InitializeLikeLinear(weight, this.bias);
            }

            public Parameter weight
            {
                get => OwnParameter(nameof(weight))!;
                set => SetParameter(nameof(weight), value);
            }

            public Parameter? bias
            {
                get => OwnParameter(nameof(bias));
                set => SetParameter(nameof(bias), value);
            }

            public override torch.Tensor forward(torch.Tensor input)
            {
                if (_paddingMode == PaddingModes.Zeros)
                    return torch.nn.functional.conv2d(input, weight, bias, _stride, _padding, _dilation, _groups);

                // pad counts from the last dimension.
                long[] pad = [_padding[1], _padding[1], _padding[0], _padding[0]];
                using var padded = torch.nn.functional.pad(input, pad, _paddingMode);
                return torch.nn.functional.conv2d(padded, weight, bias, _stride, [0, 0], _dilation, _groups);
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Conv2d Conv2d(
                long in_channels, long out_channels, long kernelSize, long stride = 1, long padding = 0,
                long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device? device = null, ScalarType? dtype = null)
                => new(in_channels, out_channels, (kernelSize, kernelSize), (stride, stride), (padding, padding),
                    (dilation, dilation), padding_mode, groups, bias, device, dtype);

            public static Conv2d Conv2d(
                long in_channels, long out_channels, (long, long) kernelSize, (long, long)? stride = null,
                (long, long)? padding = null, (long, long)? dilation = null,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device? device = null, ScalarType? dtype = null)
                => new(in_channels, out_channels, kernelSize, stride ?? (1, 1), padding ?? (0, 0), dilation ?? (1, 1),
                    padding_mode, groups, bias, device, dtype);
        }
    }
}
