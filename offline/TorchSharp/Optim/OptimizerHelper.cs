using TorchSharp.Utils;

namespace TorchSharp.Modules;

/// <summary>What SGD, Adam and AdamW share: groups, states by parameter, and the saved form of both.</summary>
public abstract class OptimizerHelper : torch.optim.Optimizer
{
    private readonly Dictionary<IntPtr, OptimizerState> _states = [];
    private readonly OptimizerOptions _defaults;

    private protected OptimizerHelper(OptimizerOptions defaults)
    {
        _defaults = defaults;
        _defaults.FillFrom(defaults);
    }

    private protected abstract OptimizerOptions NewOptions();

    private protected abstract OptimizerState NewState(Parameter parameter, OptimizerOptions options);

    private protected abstract void StepGroup(OptimizerOptions options, Parameter[] parameters, OptimizerState[] states);

    public override void add_param_group(ParamGroup param_group)
    {
        var options = param_group.Options ??= NewOptions();
        options.FillFrom(_defaults);
        _parameter_groups.Add(param_group);
        foreach (var parameter in param_group.Parameters)
            _states[parameter.Handle] = NewState(parameter, options);
    }

    public override torch.Tensor? step(Func<torch.Tensor>? closure = null)
    {
        torch.Tensor? loss = null;
        if (closure is not null)
        {
            using (torch.enable_grad())
                loss = closure();
        }
        foreach (var group in _parameter_groups)
        {
            var parameters = group.Parameters.ToArray();
            StepGroup(group.Options!, parameters, [.. parameters.Select(parameter => _states[parameter.Handle])]);
        }
        return loss;
    }

    public virtual StateDictionary state_dict()
    {
        var dictionary = new StateDictionary();
        dictionary.Options.AddRange(_parameter_groups.Select(group => group.Options!));
        dictionary.State.AddRange(parameters().Select(parameter => _states[parameter.Handle]));
        return dictionary;
    }

    public virtual void load_state_dict(StateDictionary state_dict)
    {
        var own = this.state_dict();
        RequireSameCounts(own, state_dict.Options.Count, state_dict.State.Count);
        foreach (var (mine, other) in own.Options.Zip(state_dict.Options))
            mine.CopyFrom(other);
        foreach (var (mine, other) in own.State.Zip(state_dict.State))
        {
            if (!ReferenceEquals(mine, other))
                mine.CopyFrom(other);
        }
    }

    public void save_state_dict(string location)
    {
        using var writer = new BinaryWriter(File.Create(location));
        save_state_dict(writer);
    }

    public void save_state_dict(BinaryWriter writer)
    {
        var own = state_dict();
        writer.Write(GetType().Name);
        writer.Encode(own.Options.Count);
        writer.Encode(own.State.Count);
        foreach (var options in own.Options)
            options.Write(writer);
        foreach (var state in own.State)
            state.Write(writer);
    }

    public void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        load_state_dict(reader);
    }

    public void load_state_dict(BinaryReader reader)
    {
        var name = reader.ReadString();
        if (name != GetType().Name)
            throw new InvalidDataException($"The state is of optimizer '{name}'; this optimizer is '{GetType().Name}'.");
        var own = state_dict();
        RequireSameCounts(own, reader.Decode(), reader.Decode());
        foreach (var options in own.Options)
            options.Read(reader);
        foreach (var state in own.State)
            state.Read(reader);
    }

    private static void RequireSameCounts(StateDictionary own, long groups, long states)
    {
        if (groups != own.Options.Count || states != own.State.Count)
        {
            throw new ArgumentException(
                $"The state has {groups} parameter groups and {states} parameters; "
                + $"this optimizer has {own.Options.Count} and {own.State.Count}.");
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        foreach (var state in _states.Values)
            state.Dispose();
    }
}
