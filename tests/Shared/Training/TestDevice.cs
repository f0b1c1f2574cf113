using MlNet.ImageClassification;
using TorchSharp;

namespace MlNetCnn.Tests;

/// <summary>
/// The device that tests train and score on: what MLNETCNN_DEVICE names, else the CPU. What a test computes on the CPU by itself to
/// compare with stays there.
/// </summary>
internal static class TestDevice
{
    public static ComputeDevice Chosen { get; } = ComputeDevice.Parse(Environment.GetEnvironmentVariable("MLNETCNN_DEVICE") ?? "cpu");

    public static bool IsCpu { get; } = Chosen == ComputeDevice.Cpu;

    public static torch.Device Torch => ComputeTarget.Resolve(Chosen, ComputePrecision.Float32).Device;

    /// <summary>How far probabilities and losses may be apart that are the same bits on the CPU: kernels of CUDA add in any order.</summary>
    public static float Tolerance => IsCpu ? 0 : 1e-3f;

    /// <summary>Float32 shall have all of its digits: by default the convolutions of CUDA round to the ten bits of TF32.</summary>
    public static void WithoutTensorFloat32()
    {
        if (!IsCpu)
            torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = false;
    }
}

/// <summary>Runs a test only where the tests compute on the CPU: it compares bits of two trainings, or words that name the device.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CpuConditionAttribute : ConditionBaseAttribute
{
    public CpuConditionAttribute()
        : base(ConditionMode.Include) => IgnoreMessage = $"Holds to the bit, or in its words, on the CPU only, and MLNETCNN_DEVICE is {TestDevice.Chosen}.";

    public override string GroupName => "Cpu";

    public override bool IsConditionMet => TestDevice.IsCpu;
}
