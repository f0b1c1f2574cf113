using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// TorchSharp's Adam with a step of one call, whose numbers no garbage collection can free: see <see cref="ScalarArithmetic"/>. State and
/// name are TorchSharp's: both stand in checkpoints.
/// </summary>
/// <param name="groups">Parameters with their weight decay.</param>
/// <param name="learningRate">The learning rate that is saved as the first.</param>
/// <param name="beta1">The decay of the mean gradient.</param>
/// <param name="beta2">The decay of the mean squared gradient.</param>
/// <param name="decoupled">Whether weight decay is apart from the gradient.</param>
internal class Adam(IEnumerable<TorchSharp.Modules.Adam.ParamGroup> groups, double learningRate, double beta1, double beta2, bool decoupled = false)
    : TorchSharp.Modules.Adam(groups, learningRate, beta1, beta2)
{
    public override Tensor? step(Func<Tensor>? closure = null)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var group in _parameter_groups.Cast<ParamGroup>())
        {
            // Parameters that were frozen for a while have done fewer steps than others.
            var stepped = TensorLists.WithGradients(group.Parameters);
            foreach (var alike in stepped.Parameters.Zip(stepped.Gradients, (parameter, gradient) =>
                (Parameter: parameter, Gradient: gradient, State: (State)_state[parameter.Handle])).GroupBy(item => ++item.State.step))
                TensorLists.AdamStep(
                    [.. alike.Select(item => item.Parameter)], [.. alike.Select(item => item.Gradient)], [.. alike.Select(item => item.State.exp_avg)],
                    [.. alike.Select(item => item.State.exp_avg_sq)], decoupled, alike.Key, group.Options.LearningRate!.Value,
                    group.Options.beta1!.Value, group.Options.beta2!.Value, group.Options.weight_decay!.Value, group.Options.eps!.Value);
        }
        return null;
    }
}

/// <summary>TorchSharp's AdamW likewise; its state is Adam's.</summary>
/// <inheritdoc cref="Adam"/>
internal sealed class AdamW(IEnumerable<TorchSharp.Modules.Adam.ParamGroup> groups, double learningRate, double beta1, double beta2)
    : Adam(groups, learningRate, beta1, beta2, decoupled: true);
