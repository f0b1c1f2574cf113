using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ResNet;

/// <summary>Residual blocks of one width; from the second stage on, the first block halves the image size.</summary>
internal sealed class ResidualStage : nn.Module<Tensor, Tensor>
{
    private readonly ResidualBlock[] _blocks;

    /// <param name="architecture">The network's architecture.</param>
    /// <param name="stage">Which stage, 0 to 3: its width is 64, 128, 256 or 512.</param>
    /// <param name="inputChannels">Channels of the stage before.</param>
    public ResidualStage(ResNetArchitecture architecture, int stage, int inputChannels)
        : base(nameof(ResidualStage))
    {
        var width = 64 << stage;
        _blocks = new ResidualBlock[architecture.BlocksPerStage[stage]];
        for (var i = 0; i < _blocks.Length; i++)
        {
            var stride = i == 0 && stage > 0 ? 2 : 1;
            _blocks[i] = architecture.HasBottlenecks
                ? new Bottleneck(inputChannels, width, stride, architecture.Version)
                : new BasicBlock(inputChannels, width, stride);
            inputChannels = _blocks[i].OutputChannels;
            register_module(i.ToString(), _blocks[i]);
        }
    }

    public IReadOnlyList<ResidualBlock> Blocks => _blocks;

    public int OutputChannels => _blocks[^1].OutputChannels;

    public override Tensor forward(Tensor input)
    {
        var output = _blocks[0].forward(input);
        foreach (var block in _blocks.Skip(1))
        {
            using var previous = output;
            output = block.forward(previous);
        }

        return output;
    }
}
