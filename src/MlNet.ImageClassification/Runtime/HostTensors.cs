using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Tensors of the host on their way to a device.</summary>
internal static class HostTensors
{
    /// <summary>
    /// The same values on a device. A CUDA device copies them when it gets there, from pinned memory, which LibTorch does not use for
    /// anything else before that: an ordinary copy would wait for all that the device has to do.
    /// </summary>
    /// <param name="values">On the CPU; where the device is the CPU too they come back.</param>
    /// <param name="device">The device.</param>
    public static Tensor SendTo(this Tensor values, Device device)
    {
        if (device.type != DeviceType.CUDA)
            return values.to(device);
        using var pinned = values.pin_memory();
        return pinned.to(device, non_blocking: true);
    }
}
