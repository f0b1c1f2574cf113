using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>The device this module was last moved to; null before any move.</summary>
            private Device? _device;

            /// <summary>Moves parameters and buffers to a device, converts the floating-point ones, or both.</summary>
            internal virtual void MoveTo(Device? device, ScalarType? type)
            {
                if (type is { } wanted && !IsFloatingPoint(wanted))
                    throw new ArgumentException($"A module converts to a floating-point type; {wanted} is none.");
                if (device is { type: DeviceType.CUDA } && !cuda.is_available())
                    throw new InvalidOperationException("CUDA is not available.");

                foreach (var child in _children.Values)
                    child.MoveTo(device, type);
                var fields = ComponentFields().ToDictionary(ComponentName);
                foreach (var (name, parameter) in named_parameters(false).ToList())
                {
                    if (Moved(parameter, device, type) is not { } moved)
                        continue;
                    SetParameter(name, moved);
                    fields.GetValueOrDefault(name)?.SetValue(this, moved);
                }
                foreach (var (name, buffer) in named_buffers(false).ToList())
                {
                    if (!NeedsMove(buffer, device, type))
                        continue;
                    var moved = buffer.to(TypeAfterMove(buffer, type), device ?? buffer.device);
                    SetBuffer(name, moved);
                    fields.GetValueOrDefault(name)?.SetValue(this, moved);
                }
                _device = device ?? _device;
            }

            /// <summary>A new leaf with the parameter's values and gradient; null where the parameter can stay.</summary>
            private static Parameter? Moved(Parameter parameter, Device? device, ScalarType? type)
            {
                using var grad = parameter.grad;
                if (!NeedsMove(parameter, device, type) && (grad is null || !NeedsMove(grad, device, type)))
                    return null;
                using var _ = no_grad();
                var targetType = TypeAfterMove(parameter, type);
                var targetDevice = device ?? parameter.device;
                var moved = new Parameter(parameter.to(targetType, targetDevice), parameter.requires_grad);
                if (grad is not null)
                {
                    using var movedGrad = grad.to(targetType, targetDevice);
                    moved.grad = movedGrad;
                }
                return moved;
            }

            private static ScalarType TypeAfterMove(Tensor tensor, ScalarType? type)
                => type is { } wanted && IsFloatingPoint(tensor.dtype) ? wanted : tensor.dtype;

            private static bool IsFloatingPoint(ScalarType type)
                => type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

            private static bool NeedsMove(Tensor tensor, Device? device, ScalarType? type)
            {
                if (TypeAfterMove(tensor, type) != tensor.dtype)
                    return true;
                if (device is null)
                    return false;
                var current = tensor.device;
                return current.type != device.type || (device.index >= 0 && device.index != current.index);
            }
        }
    }
}

/// <summary>Moves and conversions that return the module as the type they were given.</summary>
public static class ModuleExtensionMethods
{
    public static T to<T>(this T module, torch.ScalarType type, bool non_blocking = false) where T : torch.nn.Module
        => Move(module, null, type);

    public static T to<T>(this T module, torch.Device device, torch.ScalarType type, bool non_blocking = false)
        where T : torch.nn.Module
        => Move(module, device, type);

    public static T to<T>(this T module, DeviceType deviceType, int deviceIndex = -1, bool non_blocking = false)
        where T : torch.nn.Module
        => Move(module, new torch.Device(deviceType, deviceIndex), null);

    public static T to<T>(this T module, torch.Device device, bool non_blocking = false) where T : torch.nn.Module
        => Move(module, device, null);

    public static T to<T>(this T module, string device, bool non_blocking = false) where T : torch.nn.Module
        => Move(module, new torch.Device(device), null);

    public static T to<T>(this T module, torch.Tensor other, bool non_blocking = false) where T : torch.nn.Module
        => Move(module, other.device, other.dtype);

    public static T cpu<T>(this T module, bool non_blocking = false) where T : torch.nn.Module
        => Move(module, torch.CPU, null);

    public static T cuda<T>(this T module, int deviceIndex = -1, bool non_blocking = false) where T : torch.nn.Module
        => Move(module, new torch.Device(DeviceType.CUDA, deviceIndex), null);

    public static T half<T>(this T module, bool non_blocking = false) where T : torch.nn.Module
        => Move(module, null, torch.ScalarType.Float16);

    public static T bfloat16<T>(this T module, bool non_blocking = false) where T : torch.nn.Module
        => Move(module, null, torch.ScalarType.BFloat16);

    public static T @float<T>(this T module, bool non_blocking = false) where T : torch.nn.Module
        => Move(module, null, torch.ScalarType.Float32);

    private static T Move<T>(T module, torch.Device? device, torch.ScalarType? type) where T : torch.nn.Module
    {
        module.MoveTo(device, type);
        return module;
    }
}
