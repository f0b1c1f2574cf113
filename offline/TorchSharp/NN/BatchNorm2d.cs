namespace TorchSharp
{
    using Modules;

    namespace Modules
    {
        public sealed class BatchNorm2d : torch.nn.Module<torch.Tensor, torch.Tensor>
        {
            private readonly double _eps;
            private readonly double _momentum;
            private readonly bool _trackRunningStats;

            internal BatchNorm2d(
                long features, double eps, double momentum, bool affine, bool track_running_stats,
                torch.Device? device, torch.ScalarType? dtype)
                : base(nameof(BatchNorm2d))
            {
                _eps = eps;
                _momentum = momentum;
                _trackRunningStats = track_running_stats;
                if (affine)
                {
                    weight = new Parameter(torch.ones([features], dtype, device));
                    bias = new Parameter(torch.zeros([features], dtype, device));
                }
                if (track_running_stats)
                {
                    running_mean = torch.zeros([features], dtype, device);
                    running_var = torch.ones([features], dtype, device);
                    SetBuffer(nameof(num_batches_tracked), torch.zeros([], torch.ScalarType.Int64, device));
                }
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

            public torch.Tensor? running_mean
            {
                get => OwnBuffer(nameof(running_mean));
                set => SetBuffer(nameof(running_mean), value);
            }

            public torch.Tensor? running_var
            {
                get => OwnBuffer(nameof(running_var));
                set => SetBuffer(nameof(running_var), value);
            }

            public torch.Tensor? num_batches_tracked => OwnBuffer(nameof(num_batches_tracked));

            public override torch.Tensor forward(torch.Tensor input)
            {
                if (input.dim() != 4)
                    throw new ArgumentException($"BatchNorm2d needs an input of 4 dimensions; this one has {input.dim()}.");
                if (training && _trackRunningStats)
                    num_batches_tracked!.add_(1);
                return torch.nn.functional.batch_norm(
                    input, running_mean, running_var, weight, bias, training || !_trackRunningStats, _momentum, _eps);
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static BatchNorm2d BatchNorm2d(
                long features, double eps = 1e-05, double momentum = 0.1, bool affine = true,
                bool track_running_stats = true, Device? device = null, ScalarType? dtype = null)
                => new(features, eps, momentum, affine, track_running_stats, device, dtype);
        }
    }
}
