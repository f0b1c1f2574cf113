using System.CommandLine;
using MlNet.ImageClassification;
using TorchSharp;

namespace MlNetCnn.Benchmarks;

/// <summary>--device: where the networks of a benchmark compute.</summary>
internal sealed class DeviceOption : Option<ComputeDevice>
{
    public DeviceOption()
        : base("--device")
    {
        Description = "cpu, cuda or cuda:<number>.";
        DefaultValueFactory = _ => ComputeDevice.Cpu;
        CustomParser = result => ComputeDevice.Parse(result.Tokens.Single().Value);
    }

    public static torch.Device Find(ComputeDevice device) => ComputeTarget.Resolve(device, ComputePrecision.Float32).Device;
}
