using System;

namespace TorchSharp;

public static partial class torch
{
    private static Device? defaultDevice;

    public static readonly Device CPU = new(DeviceType.CPU);
    public static readonly Device META = new(DeviceType.META);

    public static Device CUDA => Present(new Device(DeviceType.CUDA));

    public static Device device(string description) => Present(new Device(description));
    public static Device device(string deviceType, int index = -1) => Present(new Device(deviceType, index));
    public static Device device(DeviceType deviceType, int index = -1) => Present(new Device(deviceType, index));
    public static Device device(int index) => new(DeviceType.CUDA, index);

    /// <summary>The device, where this machine has its type; the index is not looked at.</summary>
    internal static Device Present(Device device) =>
        device.type != DeviceType.CUDA || cuda.is_available()
            ? device
            : throw new InvalidOperationException("Torch device type CUDA did not initialise on the current machine.");

    public static Device get_default_device() => defaultDevice ?? CPU;
    public static void set_default_device(Device device) => defaultDevice = device;
    public static void set_default_device(string device) => defaultDevice = new Device(device);

    public class Device
    {
        public DeviceType type { get; }
        public int index { get; } = -1;

        public Device(string description)
        {
            string[] parts = description.Split(':');
            type = Enum.Parse<DeviceType>(parts[0].ToUpperInvariant());
            if (parts.Length > 1) index = int.Parse(parts[1]);
        }

        public Device(string deviceType, int index = -1)
        {
            type = Enum.Parse<DeviceType>(deviceType.ToUpperInvariant());
            this.index = index;
        }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        public override string ToString()
        {
            string name = type.ToString().ToLowerInvariant();
            return type == DeviceType.CPU || index == -1 ? name : $"{name}:{index}";
        }
    }
}
