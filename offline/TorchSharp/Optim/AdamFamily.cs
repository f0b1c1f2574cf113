using TorchSharp.Utils;

namespace TorchSharp.Modules;

/// <summary>What Adam and AdamW share; they differ in where weight decay acts.</summary>
public abstract class AdamFamily : OptimizerHelper
{
    private readonly bool _decoupledWeightDecay;

    private protected AdamFamily(IEnumerable<ParamGroup> groups, AdamFamilyOptions defaults, bool decoupledWeightDecay)
        : base(defaults)
    {
        _decoupledWeightDecay = decoupledWeightDecay;
        RequireNotNegative("learning rate", defaults.LearningRate);
        RequireNotNegative("eps", defaults.eps);
        RequireNotNegative("weight decay", defaults.weight_decay);
        RequireBelowOne("beta1", defaults.beta1);
        RequireBelowOne("beta2", defaults.beta2);
        foreach (var group in groups)
            add_param_group(group);
    }

    private protected override void StepGroup(
        OptimizerOptions options, Parameter[] parameters, OptimizerState[] states)
    {
        var adam = (AdamFamilyOptions)options;
        var moments = Array.ConvertAll(states, state => (AdamFamilyState)state);
        var steps = Array.ConvertAll(moments, state => state.step);
        var succeeded = NativeMethods.optim_adam_step(
            torch.HandlesOf(parameters),
            Array.ConvertAll(moments, state => torch.HandleOf(state.exp_avg)),
            Array.ConvertAll(moments, state => torch.HandleOf(state.exp_avg_sq)),
            Array.ConvertAll(moments, state => torch.HandleOf(state.max_exp_avg_sq)),
            steps, parameters.Length, adam.LearningRate!.Value, adam.beta1!.Value, adam.beta2!.Value, adam.eps!.Value,
            adam.weight_decay!.Value, _decoupledWeightDecay ? 1 : 0, adam.maximize!.Value ? 1 : 0);
        for (var i = 0; i < moments.Length; i++)
            moments[i].step = steps[i];
        torch.Check(succeeded, parameters, moments);
    }

    private static void RequireNotNegative(string name, double? value)
    {
        if (value < 0)
            throw new ArgumentException($"The {name} is {value}; it must not be negative.");
    }

    private static void RequireBelowOne(string name, double? value)
    {
        if (value is < 0 or >= 1)
            throw new ArgumentException($"{name} is {value}; it must be at least 0 and below 1.");
    }
}

public abstract class AdamFamilyOptions : OptimizerOptions
{
    public double? beta1;
    public double? beta2;
    public double? eps;
    public double? weight_decay;
    public bool? amsgrad;
    public bool? maximize;

    private protected AdamFamilyOptions() { }

    internal override void FillFrom(OptimizerOptions defaults)
    {
        base.FillFrom(defaults);
        var adam = (AdamFamilyOptions)defaults;
        beta1 ??= adam.beta1;
        beta2 ??= adam.beta2;
        eps ??= adam.eps;
        weight_decay ??= adam.weight_decay;
        amsgrad ??= adam.amsgrad;
        maximize ??= adam.maximize;
    }

    internal override void CopyFrom(OptimizerOptions source)
    {
        base.CopyFrom(source);
        var adam = (AdamFamilyOptions)source;
        (beta1, beta2, eps) = (adam.beta1, adam.beta2, adam.eps);
        (weight_decay, amsgrad, maximize) = (adam.weight_decay, adam.amsgrad, adam.maximize);
    }

    internal override void Write(BinaryWriter writer)
    {
        base.Write(writer);
        writer.Write(beta1!.Value);
        writer.Write(beta2!.Value);
        writer.Write(eps!.Value);
        writer.Write(weight_decay!.Value);
        writer.Write(amsgrad!.Value);
        writer.Write(maximize!.Value);
    }

    internal override void Read(BinaryReader reader)
    {
        base.Read(reader);
        beta1 = reader.ReadDouble();
        beta2 = reader.ReadDouble();
        eps = reader.ReadDouble();
        weight_decay = reader.ReadDouble();
        amsgrad = reader.ReadBoolean();
        maximize = reader.ReadBoolean();
    }
}

public abstract class AdamFamilyState : OptimizerState
{
    public long step;
    public torch.Tensor exp_avg;
    public torch.Tensor exp_avg_sq;
    public torch.Tensor? max_exp_avg_sq;

    private protected AdamFamilyState(Parameter parameter, OptimizerOptions options) : base(parameter)
    {
        exp_avg = torch.zeros_like(parameter).DetachFromDisposeScope();
        exp_avg_sq = torch.zeros_like(parameter).DetachFromDisposeScope();
        if (((AdamFamilyOptions)options).amsgrad == true)
            max_exp_avg_sq = torch.zeros_like(parameter).DetachFromDisposeScope();
    }

    public override void Dispose()
    {
        exp_avg.Dispose();
        exp_avg_sq.Dispose();
        max_exp_avg_sq?.Dispose();
    }

    internal override void CopyFrom(OptimizerState source)
    {
        var adam = (AdamFamilyState)source;
        step = adam.step;
        exp_avg = Copy(adam.exp_avg, exp_avg)!;
        exp_avg_sq = Copy(adam.exp_avg_sq, exp_avg_sq)!;
        max_exp_avg_sq = Copy(adam.max_exp_avg_sq, max_exp_avg_sq);
    }

    internal override void Write(BinaryWriter writer)
    {
        writer.Write(step);
        exp_avg.Save(writer);
        exp_avg_sq.Save(writer);
        WriteOptional(writer, max_exp_avg_sq);
    }

    internal override void Read(BinaryReader reader)
    {
        step = reader.ReadInt64();
        exp_avg.Load(reader);
        exp_avg_sq.Load(reader);
        max_exp_avg_sq = ReadOptional(reader, max_exp_avg_sq);
    }
}
