namespace TorchSharp
{
    using Modules;

    namespace Modules
    {
        public sealed class Linear : torch.nn.Module<torch.Tensor, torch.Tensor>
        {
            internal Linear(
                long inputSize, long outputSize, bool hasBias, torch.Device? device, torch.ScalarType? dtype)
                : base(nameof(Linear))
            {
                weight = new Parameter(torch.empty([outputSize, inputSize], dtype, device));
                if (hasBias)
                    bias = new Parameter(torch.empty([outputSize], dtype, device));
                torch.nn.init.InitializeLikeLinear(weight, bias);
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

            public override torch.Tensor forward(torch.Tensor tensor)
                => torch.nn.functional.linear(tensor, weight, bias);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Linear Linear(
                long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null)
                => new(inputSize, outputSize, hasBias, device, dtype);
        }
    }
}
