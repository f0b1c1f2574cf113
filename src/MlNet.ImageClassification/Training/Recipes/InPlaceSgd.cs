using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// TorchSharp's SGD with a step that makes no tensors: the ones it would make for every parameter cost time, and leave holes of all
/// sizes in the heap, from which a training grows by gigabytes. The arithmetic and the state are the same.
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
        {
            var (parameters, gradients) = TensorLists.WithGradients(group.Parameters);
            var options = group.Options;
            double share = options.momentum!.Value;
            if (parameters.Length > 0)
                TensorLists.SgdStep(
                    parameters, gradients, share == 0 ? [] : [.. parameters.Select(MomentumOf)], options.nesterov!.Value,
                    options.LearningRate!.Value, share, options.weight_decay!.Value);
        }
        return null;
    }

    private Tensor MomentumOf(Tensor parameter) =>
        ((State)_state[parameter.Handle]).momentum_buffer ??= zeros_like(parameter).DetachFromDisposeScope();
}
