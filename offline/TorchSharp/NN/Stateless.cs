namespace TorchSharp
{
    using Modules;

    namespace Modules
    {
        public sealed class ReLU : torch.nn.Module<torch.Tensor, torch.Tensor>
        {
            private readonly bool _inplace;

            internal ReLU(bool inplace) : base(nameof(ReLU)) => _inplace = inplace;

            public override torch.Tensor forward(torch.Tensor tensor) => torch.nn.functional.relu(tensor, _inplace);
        }

        public sealed class Dropout : torch.nn.Module<torch.Tensor, torch.Tensor>
        {
            private readonly double _p;
            private readonly bool _inplace;

            internal Dropout(double p, bool inplace) : base(nameof(Dropout))
            {
                _p = p;
                _inplace = inplace;
            }

            public override torch.Tensor forward(torch.Tensor tensor)
                => torch.nn.functional.dropout(tensor, _p, training, _inplace);
        }

        public sealed class Flatten : torch.nn.Module<torch.Tensor, torch.Tensor>
        {
            private readonly long _startDim;
            private readonly long _endDim;

            internal Flatten(long startDim, long endDim) : base(nameof(Flatten))
            {
                _startDim = startDim;
                _endDim = endDim;
            }

            public override torch.Tensor forward(torch.Tensor input) => input.flatten(_startDim, _endDim);
        }

        public sealed class Identity : torch.nn.Module<torch.Tensor, torch.Tensor>
        {
            internal Identity() : base(nameof(Identity)) { }

            /// <summary>A second tensor over the same values, so that whoever disposes the input keeps the output.</summary>
            public override torch.Tensor forward(torch.Tensor tensor) => tensor.alias();
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static ReLU ReLU(bool inplace = false) => new(inplace);

            public static Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);

            public static Flatten Flatten(long startDim = 1, long endDim = -1) => new(startDim, endDim);

            public static Identity Identity() => new();
        }
    }
}
