using MlNet.ImageClassification;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ResNet;

/// <summary>A shortcut that changes the number of channels or the image size: a 1x1 convolution and its norm.</summary>
internal sealed class Projection : nn.Module<Tensor, Tensor>
{
    public Projection(int inputChannels, int outputChannels, int stride)
        : base(nameof(Projection))
    {
        var convolution = new Conv2dLayer(inputChannels, outputChannels, kernelSize: 1, stride);
        var norm = new BatchNormLayer(outputChannels);
        register_module("0", convolution);
        register_module("1", norm);
        ConvBatchNorm = new ConvBatchNorm(convolution, norm);
    }

    public ConvBatchNorm ConvBatchNorm { get; }

    public override Tensor forward(Tensor input) => ConvBatchNorm.Forward(input, relu: false);
}
