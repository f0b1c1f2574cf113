namespace TorchSharp
{
    using Modules;

    public static partial class torch
    {
        public static partial class optim
        {
            public static Adam Adam(
                IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999,
                double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                => Adam([new Adam.ParamGroup(parameters, null)], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static Adam Adam(
                IEnumerable<Adam.ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999,
                double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                => new(parameters, new Adam.Options
                {
                    LearningRate = lr,
                    beta1 = beta1,
                    beta2 = beta2,
                    eps = eps,
                    weight_decay = weight_decay,
                    amsgrad = amsgrad,
                    maximize = maximize,
                });
        }
    }

    namespace Modules
    {
        /// <summary>Adam: weight decay adds to the gradient.</summary>
        public class Adam : AdamFamily
        {
            internal Adam(IEnumerable<ParamGroup> groups, Options defaults)
                : base(groups, defaults, decoupledWeightDecay: false) { }

            private protected override OptimizerOptions NewOptions() => new Options();

            private protected override OptimizerState NewState(Parameter parameter, OptimizerOptions options)
                => new State(parameter, options);

            public class Options : AdamFamilyOptions;

            public class ParamGroup : ParamGroup<Options>
            {
                public ParamGroup(IEnumerable<Parameter> parameters, Options? options) : base(parameters, options) { }
            }

            public sealed class State : AdamFamilyState
            {
                internal State(Parameter parameter, OptimizerOptions options) : base(parameter, options) { }
            }
        }
    }
}
