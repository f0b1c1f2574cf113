using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Updates parameters, in groups with options of their own, from their gradients.</summary>
            public abstract class Optimizer : IDisposable
            {
                private protected IList<ParamGroup> _parameter_groups = new List<ParamGroup>();

                private protected Optimizer() { }

                public virtual IEnumerable<ILearningRateController> ParamGroups => _parameter_groups;

                public virtual IEnumerable<Parameter> parameters()
                    => _parameter_groups.SelectMany(group => group.Parameters);

                public abstract void add_param_group(ParamGroup param_group);

                public abstract Tensor? step(Func<Tensor>? closure = null);

                /// <summary>Fills the gradients with zeros; a module's zero_grad drops them instead.</summary>
                public virtual void zero_grad()
                {
                    foreach (var parameter in parameters())
                    {
                        using var grad = parameter.grad;
                        grad?.zero_();
                    }
                }

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                protected abstract void Dispose(bool disposing);

                /// <summary>The options of each group and, in the order of the groups, the state of each parameter.</summary>
                public class StateDictionary
                {
                    internal StateDictionary() { }

                    public List<OptimizerOptions> Options { get; } = [];

                    public List<OptimizerState> State { get; } = [];
                }
            }

            public interface ILearningRateController
            {
                double LearningRate { get; set; }

                double InitialLearningRate { get; set; }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public class ParamGroup : torch.optim.ILearningRateController
    {
        private protected ParamGroup() { }

        public IEnumerable<Parameter> Parameters { get; set; } = [];

        public OptimizerOptions? Options { get; set; }

        public double LearningRate
        {
            get => Options!.LearningRate!.Value;
            set => Options!.LearningRate = value;
        }

        public double InitialLearningRate
        {
            get => Options!.InitialLearningRate;
            set => Options!.InitialLearningRate = value;
        }
    }

    public class ParamGroup<TOptions> : ParamGroup where TOptions : OptimizerOptions
    {
        internal ParamGroup(IEnumerable<Parameter> parameters, TOptions? options)
        {
            Parameters = parameters;
            Options = options;
        }

        public new TOptions? Options
        {
            get => (TOptions?)base.Options;
            set => base.Options = value;
        }
    }

    /// <summary>The options of a group; those left null take the optimizer's when the group is added.</summary>
    public abstract class OptimizerOptions
    {
        private protected OptimizerOptions() { }

        public double? LearningRate { get; set; }

        public double InitialLearningRate { get; set; }

        internal virtual void FillFrom(OptimizerOptions defaults)
        {
            LearningRate ??= defaults.LearningRate;
            InitialLearningRate = LearningRate!.Value;
        }

        internal virtual void CopyFrom(OptimizerOptions source)
        {
            InitialLearningRate = source.InitialLearningRate;
            LearningRate = source.LearningRate;
        }

        internal virtual void Write(BinaryWriter writer)
        {
            writer.Write(InitialLearningRate);
            writer.Write(LearningRate!.Value);
        }

        internal virtual void Read(BinaryReader reader)
        {
            InitialLearningRate = reader.ReadDouble();
            LearningRate = reader.ReadDouble();
        }
    }

    /// <summary>What an optimizer remembers of one parameter between steps.</summary>
    public abstract class OptimizerState : IDisposable
    {
        private protected OptimizerState(Parameter parameter) => Parameter = parameter;

        private protected Parameter Parameter { get; }

        public abstract void Dispose();

        internal abstract void CopyFrom(OptimizerState source);

        internal abstract void Write(BinaryWriter writer);

        internal abstract void Read(BinaryReader reader);

        private protected static void WriteOptional(BinaryWriter writer, torch.Tensor? tensor)
        {
            writer.Write(tensor is not null);
            tensor?.Save(writer);
        }

        /// <summary>Reads into the tensor where there is one already, as the real package does.</summary>
        private protected torch.Tensor? ReadOptional(BinaryReader reader, torch.Tensor? tensor)
        {
            if (!reader.ReadBoolean())
            {
                tensor?.Dispose();
                return null;
            }
            tensor ??= torch.zeros_like(Parameter).DetachFromDisposeScope();
            tensor.Load(reader);
            return tensor;
        }

        private protected torch.Tensor? Copy(torch.Tensor? source, torch.Tensor? old)
        {
            old?.Dispose();
            return source?.to(Parameter.device, copy: true).DetachFromDisposeScope();
        }
    }
}
