using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// TorchSharp writes and reads an optimizer's state in the order of its dimensions only; that of the convolutions' weights is in
/// channels-last order, as they are.
/// </summary>
internal static class PlainState
{
    /// <summary>Does something with an optimizer's state in the order of its dimensions.</summary>
    public static void Of(OptimizerHelper optimizer, Action<OptimizerHelper> action)
    {
        try
        {
            Replace(optimizer, tensor => tensor.contiguous());
            action(optimizer);
        }
        finally
        {
            Replace(optimizer, ChannelsLast.Of);
        }
    }

    // Each of TorchSharp's optimizers has its state in fields of a class of its own.
    private static void Replace(OptimizerHelper optimizer, Func<Tensor, Tensor> copy)
    {
        foreach (var state in optimizer.state_dict().State)
            foreach (var field in state.GetType().GetFields())
                if (field.GetValue(state) is Tensor { } tensor && tensor.dim() == 4)
                {
                    field.SetValue(state, copy(tensor).DetachFromDisposeScope());
                    tensor.Dispose();
                }
    }
}
