using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Keeps small gradients above the smallest Float16: the loss is multiplied before the gradients are computed, and they are
/// divided after. A step whose gradients overflow is left out and the factor halved; it doubles again after many good steps.
/// </summary>
/// <param name="active">Whether the network computes in Float16; otherwise nothing is done.</param>
internal sealed class LossScaler(bool active)
{
    private const int StepsToGrow = 2000;

    /// <summary>What the scaler has found out so far; kept in checkpoints.</summary>
    public LossScale State { get; set; } = new(active ? 65536 : 1, 0);

    /// <summary>What the loss is multiplied by.</summary>
    public double Factor => State.Factor;

    /// <summary>The loss to compute gradients of.</summary>
    public Tensor Scale(Tensor loss) => active ? loss.Times(Factor) : loss;

    /// <summary>Divides the gradients; false when they overflowed and the step must be left out.</summary>
    public bool TryUnscale(IEnumerable<Parameter> parameters)
    {
        if (!active)
            return true;

        using var scope = NewDisposeScope();
        // The one number that a step reads from the device.
        bool finite = TensorLists.Unscale(TensorLists.WithGradients(parameters).Gradients, 1 / Factor).cpu().item<float>() == 0;
        if (!finite)
            State = new LossScale(Math.Max(1, Factor / 2), 0);
        else if (State.GoodSteps + 1 == StepsToGrow)
            State = new LossScale(Factor * 2, 0);
        else
            State = State with { GoodSteps = State.GoodSteps + 1 };
        return finite;
    }
}

/// <summary>The state of a <see cref="LossScaler"/>.</summary>
/// <param name="Factor">What the loss is multiplied by.</param>
/// <param name="GoodSteps">Steps without an overflow since the factor changed.</param>
internal readonly record struct LossScale(double Factor, int GoodSteps);
