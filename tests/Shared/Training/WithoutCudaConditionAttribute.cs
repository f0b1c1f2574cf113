using TorchSharp;

namespace MlNetCnn.Tests;

/// <summary>Runs a test only where there is no CUDA device.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WithoutCudaConditionAttribute : ConditionBaseAttribute
{
    public WithoutCudaConditionAttribute()
        : base(ConditionMode.Include) => IgnoreMessage = "This machine has a CUDA device.";

    public override string GroupName => "WithoutCuda";

    public override bool IsConditionMet => !torch.cuda.is_available();
}
