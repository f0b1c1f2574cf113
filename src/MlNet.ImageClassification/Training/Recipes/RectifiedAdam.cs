using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>TorchSharp's RAdam with a step of its own: TorchSharp multiplies a rectified step by the learning rate twice.</summary>
/// <param name="groups">Parameters with their weight decay.</param>
/// <param name="learningRate">The learning rate that is saved as the first.</param>
/// <param name="beta1">The decay of the mean gradient.</param>
/// <param name="beta2">The decay of the mean squared gradient.</param>
internal sealed class RectifiedAdam(IEnumerable<RAdam.ParamGroup> groups, double learningRate, double beta1, double beta2)
    : RAdam(groups, learningRate, beta1, beta2)
{
    // Below this length the variance of the mean squared gradient has no bound.
    private const double ShortestAverage = 5;

    public override Tensor? step(Func<Tensor>? closure = null)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var group in _parameter_groups.Cast<ParamGroup>())
            foreach (var parameter in group.Parameters)
                if (parameter.grad is { } gradient)
                    Update(parameter, gradient, (State)_state[parameter.Handle], group.Options);
        return null;
    }

    // The names of the paper's algorithm 2; beta1 can change from step to step.
    private static void Update(Parameter parameter, Tensor gradient, State state, Options options)
    {
        var (beta1, beta2, rate) = (options.beta1!.Value, options.beta2!.Value, options.LearningRate!.Value);
        if (options.weight_decay is double decay and not 0)
            gradient.AddMultiple(parameter, decay);
        long t = ++state.step;
        state.exp_avg.MultiplyBy(beta1).AddMultiple(gradient, 1 - beta1);
        state.exp_avg_sq.MultiplyBy(beta2).AddProduct(gradient, gradient, 1 - beta2);

        double bias1 = 1 - Math.Pow(beta1, t);
        double bias2 = 1 - Math.Pow(beta2, t);
        double longest = 2 / (1 - beta2) - 1;
        double length = longest - 2 * t * Math.Pow(beta2, t) / bias2;
        if (length <= ShortestAverage)
        {
            parameter.AddMultiple(state.exp_avg, -rate / bias1);
            return;
        }
        double rectification = Math.Sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
        using var root = state.exp_avg_sq.sqrt().AddInPlace(options.eps!.Value);
        parameter.addcdiv_(state.exp_avg, root, value: -rate * rectification * Math.Sqrt(bias2) / bias1);
    }
}
