using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// A two-dimensional convolution without bias, as the layers before a batch norm are. It computes in the type of its input;
/// its weight stays float32.
/// </summary>
internal sealed class Conv2dLayer : nn.Module<Tensor, Tensor>, IInitializedLayer
{
    // The groups of a ShuffleNet; a depthwise convolution has as many as channels.
    private const int MostProducts = 8;

    // Named as the state dictionary names it.
    private readonly Parameter weight;
    private readonly int _kernel;
    private readonly int _stride;
    private readonly int _padding;
    private readonly int _groups;

    /// <summary>Makes the layer, its weight zero, its padding such that stride 1 keeps the image size.</summary>
    /// <param name="inputChannels">Channels in, a multiple of <paramref name="groups"/>.</param>
    /// <param name="outputChannels">Channels out, a multiple of <paramref name="groups"/>.</param>
    /// <param name="kernelSize">Height and width of the window; odd.</param>
    /// <param name="stride">Step of the window.</param>
    /// <param name="groups">Number of groups the channels are divided into.</param>
    public Conv2dLayer(int inputChannels, int outputChannels, int kernelSize, int stride = 1, int groups = 1)
        : base(nameof(Conv2dLayer))
    {
        // In the order that convolutions of channels-last images take their weight in and give its gradient.
        using var values = zeros([outputChannels, kernelSize, kernelSize, inputChannels / groups]);
        weight = LayerState.Parameter(values.permute(0, 3, 1, 2));
        _kernel = kernelSize;
        _stride = stride;
        _padding = kernelSize / 2;
        _groups = groups;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Convolve(input, weight.dtype == input.dtype ? weight : weight.to_type(input.dtype)).MoveToOuterDisposeScope();
    }

    /// <summary>Kaiming initialization for ReLU networks: normal, variance 2 / (output channels x window).</summary>
    /// <inheritdoc cref="IInitializedLayer.Initialize"/>
    public void Initialize(Generator generator)
    {
        var shape = weight.shape;
        LayerState.SetNormal(weight, Math.Sqrt(2.0 / (shape[0] * shape[2] * shape[3])), generator);
    }

    /// <summary>Describes the convolution with bias that equals the layer followed by the norm; both stay as they are.</summary>
    internal string WriteTo(INetworkGraph graph, string input, BatchNormLayer norm)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // In float64.
        var (scale, shift) = norm.ScaleAndShift();
        return graph.Convolution(
            input, (weight.to(ScalarType.Float64, CPU) * scale.view(-1, 1, 1, 1)).MoveToOuterDisposeScope(), shift.MoveToOuterDisposeScope(),
            _stride, _groups);
    }

    private Tensor Convolve(Tensor input, Tensor filter)
    {
        var (height, width) = (OutputSize(input.shape[2]), OutputSize(input.shape[3]));
        var output = IsFasterAsProduct(input, height * width) ? Product(input, filter, height, width)
            : IsFasterAsProductOfImages(input) ? ProductOfImages(input, filter, height, width)
            : IsFasterInFloat32(input) ? InFloat32(input, filter)
            : Convolution(input, filter);
        NetworkSummary.CountConvolution(output, filter);
        return output;

        // The padding is half the window, so that the stride alone decides.
        long OutputSize(long size) => (size - 1) / _stride + 1;
    }

    private Tensor Convolution(Tensor input, Tensor filter) =>
        nn.functional.conv2d(input, filter, null, [_stride, _stride], [_padding, _padding], [1, 1], _groups);

    // On a CPU, LibTorch's convolutions of few output positions, their gradients above all, run at a fraction of the speed of the same
    // numbers as a matrix product. docs/convolutions.md has the figures behind each bound.
    private bool IsFasterAsProduct(Tensor input, long positions) =>
        _kernel == 1 && _groups <= MostProducts && input.device_type == DeviceType.CPU && input.dtype switch
        {
            ScalarType.BFloat16 => positions <= 49,
            ScalarType.Float32 => positions == 1,
            _ => false,
        };

    /// <summary>A 1x1 convolution as the product of the pixels, [N * H' * W', C], with the weight; of a grouped one, one product for each group
    /// on its stripe of the channels.</summary>
    private Tensor Product(Tensor input, Tensor filter, long height, long width)
    {
        using var scope = NewDisposeScope();
        var pixels = input.permute(0, 2, 3, 1);
        if (_stride > 1)
            pixels = pixels.slice(1, 0, input.shape[2], _stride).slice(2, 0, input.shape[3], _stride);
        var rows = pixels.reshape(-1, input.shape[1]);
        var weights = filter.flatten(1);
        return (_groups == 1 ? nn.functional.linear(rows, weights) : PerGroup(rows, weights))
            .view(-1, height, width, filter.shape[0])
            .permute(0, 3, 1, 2)
            .MoveToOuterDisposeScope();
    }

    private bool IsFasterAsProductOfImages(Tensor input) =>
        _kernel == 3 && _groups == 1 && Math.Max(input.shape[2], input.shape[3]) <= 2
        && input.device_type == DeviceType.CPU && input.dtype is ScalarType.BFloat16 or ScalarType.Float32;

    /// <summary>
    /// A 3x3 convolution of images no larger than 2 x 2 as the product of all their values, [N, H * W * C], with a matrix of the taps that lie
    /// between each position of the input and each of the output. The window's other taps, over the border, are not computed with.
    /// </summary>
    private Tensor ProductOfImages(Tensor input, Tensor filter, long height, long width)
    {
        using var scope = NewDisposeScope();
        var windows = filter.permute(0, 2, 3, 1);
        var taps = new List<Tensor>();
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                taps.Add(TapsOf(TapsOf(windows, 1, y, input.shape[2]), 2, x, input.shape[3]).flatten(1));
        return nn.functional.linear(input.permute(0, 2, 3, 1).flatten(1), cat(taps, 0))
            .view(-1, height, width, filter.shape[0])
            .permute(0, 3, 1, 2)
            .MoveToOuterDisposeScope();

        Tensor TapsOf(Tensor values, int dimension, int output, long inputs)
        {
            int first = _padding - output * _stride;
            return values.slice(dimension, first, first + inputs, 1);
        }
    }

    private Tensor PerGroup(Tensor rows, Tensor weights)
    {
        var (stripes, filters) = (rows.chunk(_groups, 1), weights.chunk(_groups, 0));
        return cat([.. stripes.Select((stripe, i) => nn.functional.linear(stripe, filters[i]))], 1);
    }

    // The gradient of a bfloat16 depthwise weight takes LibTorch up to a hundred times as long at stride 2, and where the window reaches over
    // both edges of the image at once; docs/convolutions.md has the figures.
    private bool IsFasterInFloat32(Tensor input) =>
        _kernel == 3 && _groups > 1 && input.dtype == ScalarType.BFloat16 && input.device_type == DeviceType.CPU && is_grad_enabled()
        && (_stride > 1 || Math.Min(input.shape[2], input.shape[3]) < _kernel);

    private Tensor InFloat32(Tensor input, Tensor filter)
    {
        using var scope = NewDisposeScope();
        return Convolution(input.to_type(ScalarType.Float32), filter.to_type(ScalarType.Float32))
            .to_type(input.dtype)
            .MoveToOuterDisposeScope();
    }
}
