using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// LibTorch's operations on whole lists of tensors, which TorchSharp has no methods for: TorchScript reaches them. A step of an optimizer is
/// one call in place of several for each parameter: a few kernels on a GPU, one pass over the memory on a CPU, and no temporaries.
/// </summary>
/// <remarks>
/// The tensors of a parameter must lie in memory alike. Autograd makes its gradients so, and <c>zeros_like</c> the state.
/// </remarks>
internal static class TensorLists
{
    // The last line needs its line break.
    private static readonly Lazy<jit.CompilationUnit> s_script = new(() => jit.compile("""
        def sgd(parameters: List[Tensor], gradients: List[Tensor], momenta: List[Tensor],
                nesterov: bool, rate: float, momentum: float, decay: float) -> None:
            torch._fused_sgd_(
                parameters, gradients, momenta, lr=rate, momentum=momentum, weight_decay=decay, dampening=0.0, nesterov=nesterov,
                maximize=False, is_first_step=False)

        def adam(parameters: List[Tensor], gradients: List[Tensor], means: List[Tensor], squares: List[Tensor],
                 decoupled: bool, step: float, rate: float, beta1: float, beta2: float, decay: float, epsilon: float) -> None:
            steps = [torch.full([1], step, device=parameters[0].device)] * len(parameters)
            if decoupled:
                torch._fused_adamw_(
                    parameters, gradients, means, squares, [], steps, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon,
                    amsgrad=False, maximize=False)
            else:
                torch._fused_adam_(
                    parameters, gradients, means, squares, [], steps, lr=rate, beta1=beta1, beta2=beta2, weight_decay=decay, eps=epsilon,
                    amsgrad=False, maximize=False)

        def clip(gradients: List[Tensor], longest: float) -> None:
            length = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(gradients)))
            torch._foreach_mul_(gradients, torch.clamp(longest / (length + 1e-6), max=1.0))

        def unscale(gradients: List[Tensor], factor: float) -> Tensor:
            overflows = torch.zeros([1], device=gradients[0].device)
            torch._amp_foreach_non_finite_check_and_unscale_(gradients, overflows, torch.full([1], factor, device=gradients[0].device))
            return overflows

        """));

    /// <summary>The parameters that have gradients, and these.</summary>
    public static (Tensor[] Parameters, Tensor[] Gradients) WithGradients(IEnumerable<Tensor> parameters)
    {
        var pairs = parameters.Select(parameter => (Parameter: parameter, Gradient: parameter.grad)).Where(pair => pair.Gradient is not null).ToArray();
        return ([.. pairs.Select(pair => pair.Parameter)], [.. pairs.Select(pair => pair.Gradient!)]);
    }

    /// <summary>A step of SGD. The momenta, none for plain SGD, are changed as well.</summary>
    public static void SgdStep(
        Tensor[] parameters, Tensor[] gradients, Tensor[] momenta, bool nesterov, double rate, double momentum, double decay) =>
        Invoke("sgd", [parameters, gradients, momenta, nesterov], rate, momentum, decay);

    /// <summary>A step of Adam, or of AdamW where weight decay is decoupled from the gradient. Means and mean squares are changed as well.</summary>
    public static void AdamStep(
        Tensor[] parameters, Tensor[] gradients, Tensor[] means, Tensor[] squares, bool decoupled, long step, double rate, double beta1, double beta2,
        double decay, double epsilon) =>
        Invoke("adam", [parameters, gradients, means, squares, decoupled], step, rate, beta1, beta2, decay, epsilon);

    /// <summary>Shortens gradients to a length that they have together, without reading it from the device.</summary>
    public static void Clip(Tensor[] gradients, double longest) => Invoke("clip", [gradients], longest);

    /// <summary>Multiplies gradients by a factor.</summary>
    /// <returns>[1], on the device: 1 where any was not finite, else 0.</returns>
    public static Tensor Unscale(Tensor[] gradients, double factor) => (Tensor)Invoke("unscale", [gradients], factor)!;

    // Numbers live until the call is done: see ScalarArithmetic.
    private static object? Invoke(string function, object[] arguments, params double[] numbers)
    {
        using var noGrad = no_grad();
        var scalars = Array.ConvertAll(numbers, number => (Scalar)number);
        object? result = s_script.Value.invoke(function, [.. arguments, .. scalars]);
        foreach (var scalar in scalars)
            scalar.Dispose();
        GC.KeepAlive(arguments);
        return result;
    }
}
