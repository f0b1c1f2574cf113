namespace TorchSharp
{
    using Modules;

    public static partial class torch
    {
        public static partial class optim
        {
            public static SGD SGD(
                IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double dampening = 0,
                double weight_decay = 0, bool nesterov = false, bool maximize = false)
                => SGD([new SGD.ParamGroup(parameters, null)], learningRate, momentum, dampening, weight_decay,
                    nesterov, maximize);

            public static SGD SGD(
                IEnumerable<SGD.ParamGroup> parameters, double learningRate, double momentum = 0, double dampening = 0,
                double weight_decay = 0, bool nesterov = false, bool maximize = false)
                => new(parameters, new SGD.Options
                {
                    LearningRate = learningRate,
                    momentum = momentum,
                    dampening = dampening,
                    weight_decay = weight_decay,
                    nesterov = nesterov,
                    maximize = maximize,
                });
        }
    }

    namespace Modules
    {
        /// <summary>Stochastic gradient descent with momentum.</summary>
        public class SGD : OptimizerHelper
        {
            internal SGD(IEnumerable<ParamGroup> groups, Options defaults) : base(defaults)
            {
                if (defaults.LearningRate < 0)
                    throw new ArgumentException($"The learning rate is {defaults.LearningRate}; it must not be negative.");
                if (defaults.momentum < 0)
                    throw new ArgumentException($"The momentum is {defaults.momentum}; it must not be negative.");
                if (defaults.weight_decay < 0)
                    throw new ArgumentException($"The weight decay is {defaults.weight_decay}; it must not be negative.");
                if (defaults.nesterov == true && (defaults.momentum <= 0 || defaults.dampening != 0))
                    throw new ArgumentException("Nesterov momentum needs a momentum and no dampening.");
                foreach (var group in groups)
                    add_param_group(group);
            }

            private protected override OptimizerOptions NewOptions() => new Options();

            private protected override OptimizerState NewState(Parameter parameter, OptimizerOptions options)
                => new State(parameter);

            private protected override void StepGroup(
                OptimizerOptions options, Parameter[] parameters, OptimizerState[] states)
            {
                var sgd = (Options)options;
                var buffers = Array.ConvertAll(states, state => ((State)state).momentum_buffer);
                var bufferHandles = Array.ConvertAll(buffers, torch.HandleOf);
                var succeeded = NativeMethods.optim_sgd_step(
                    torch.HandlesOf(parameters), bufferHandles, parameters.Length, sgd.LearningRate!.Value,
                    sgd.momentum!.Value, sgd.dampening!.Value, sgd.weight_decay!.Value, sgd.nesterov!.Value ? 1 : 0,
                    sgd.maximize!.Value ? 1 : 0);
                for (var i = 0; i < states.Length; i++)
                {
                    if (buffers[i] is null && bufferHandles[i] != IntPtr.Zero)
                        ((State)states[i]).momentum_buffer = new torch.Tensor(bufferHandles[i]).DetachFromDisposeScope();
                }
                torch.Check(succeeded, parameters, buffers);
            }

            public class Options : OptimizerOptions
            {
                public double? momentum;
                public double? dampening;
                public double? weight_decay;
                public bool? nesterov;
                public bool? maximize;

                internal override void FillFrom(OptimizerOptions defaults)
                {
                    base.FillFrom(defaults);
                    var sgd = (Options)defaults;
                    momentum ??= sgd.momentum;
                    dampening ??= sgd.dampening;
                    weight_decay ??= sgd.weight_decay;
                    nesterov ??= sgd.nesterov;
                    maximize ??= sgd.maximize;
                }

                internal override void CopyFrom(OptimizerOptions source)
                {
                    base.CopyFrom(source);
                    var sgd = (Options)source;
                    (momentum, dampening, weight_decay) = (sgd.momentum, sgd.dampening, sgd.weight_decay);
                    (nesterov, maximize) = (sgd.nesterov, sgd.maximize);
                }

                internal override void Write(BinaryWriter writer)
                {
                    base.Write(writer);
                    writer.Write(momentum!.Value);
                    writer.Write(dampening!.Value);
                    writer.Write(weight_decay!.Value);
                    writer.Write(nesterov!.Value);
                    writer.Write(maximize!.Value);
                }

                internal override void Read(BinaryReader reader)
                {
                    base.Read(reader);
                    momentum = reader.ReadDouble();
                    dampening = reader.ReadDouble();
                    weight_decay = reader.ReadDouble();
                    nesterov = reader.ReadBoolean();
                    maximize = reader.ReadBoolean();
                }
            }

            public class ParamGroup : ParamGroup<Options>
            {
                public ParamGroup(IEnumerable<Parameter> parameters, Options? options) : base(parameters, options) { }
            }

            public sealed class State : OptimizerState
            {
                public torch.Tensor? momentum_buffer;

                internal State(Parameter parameter) : base(parameter) { }

                public override void Dispose() => momentum_buffer?.Dispose();

                internal override void CopyFrom(OptimizerState source)
                    => momentum_buffer = Copy(((State)source).momentum_buffer, momentum_buffer);

                internal override void Write(BinaryWriter writer) => WriteOptional(writer, momentum_buffer);

                internal override void Read(BinaryReader reader)
                    => momentum_buffer = ReadOptional(reader, momentum_buffer);
            }
        }
    }
}
