using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// TorchSharp's SGD with a step that makes no tensors: the ones it would make for every parameter cost time, and leave holes of all
/// sizes in the heap, from which a training grows by gigabytes. The arithmetic and the state are the same; gradients are used up.
/// </summary>
/// <param name="groups">Parameters with their weight decay.</param>
/// <param name="learningRate">The learning rate that is saved as the first.</param>
/// <param name="momentum">In Nesterov's form when above 0.</param>
internal sealed class InPlaceSgd(IEnumerable<SGD.ParamGroup> groups, double learningRate, double momentum)
    : SGD(groups, learningRate, momentum, nesterov: momentum > 0)
{
    public override Tensor? step(Func<Tensor>? closure = null)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var group in _parameter_groups.Cast<ParamGroup>())
            foreach (var parameter in group.Parameters)
                if (parameter.grad is { } gradient)
                    Update(parameter, gradient, group.Options);
        return null;
    }

    private void Update(Parameter parameter, Tensor gradient, SGD.Options options)
    {
        if (options.weight_decay is double decay and not 0)
            gradient.AddMultiple(parameter, decay);
        if (options.momentum is double momentum and not 0)
        {
            var state = (State)_state[parameter.Handle];
            if (state.momentum_buffer is { } buffer)
                buffer.MultiplyBy(momentum).add_(gradient);
            else
                state.momentum_buffer = gradient.clone().DetachFromDisposeScope();
            gradient.AddMultiple(state.momentum_buffer, momentum);
        }
        parameter.AddMultiple(gradient, -options.LearningRate!.Value);
    }
}
