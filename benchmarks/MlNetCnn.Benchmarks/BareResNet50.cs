using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MlNetCnn.Benchmarks;

/// <summary>
/// ResNet-50 as torchvision has it (7x7 stem, 1,000 classes), written straight on tensors: what a training step costs
/// through the binding, without the library's own layers. Runs in the memory format and the type of its input; parameters
/// stay float32. Everything forward computes is disposed as soon as Python's reference counts would drop it.
/// </summary>
internal sealed class BareResNet50 : IDisposable
{
    private const long Classes = 1000;

    private readonly List<ConvBatchNorm> _convNorms = [];
    private readonly ConvBatchNorm _stem;
    private readonly List<Bottleneck> _blocks = [];
    private readonly Linear _classifier = Linear(2048, Classes);

    public BareResNet50(bool channelsLast)
    {
        _stem = NewConvNorm(3, 64, 7, 2, channelsLast);
        long channels = 64;
        foreach (var (width, blocks, firstStride) in new[] { (64L, 3, 1L), (128L, 4, 2L), (256L, 6, 2L), (512L, 3, 2L) })
        {
            for (var block = 0; block < blocks; block++)
            {
                var stride = block == 0 ? firstStride : 1;
                _blocks.Add(new Bottleneck(
                    NewConvNorm(channels, width, 1, 1, channelsLast),
                    NewConvNorm(width, width, 3, stride, channelsLast),
                    NewConvNorm(width, 4 * width, 1, 1, channelsLast),
                    block == 0 ? NewConvNorm(channels, 4 * width, 1, stride, channelsLast) : null));
                channels = 4 * width;
            }
        }
    }

    public IReadOnlyList<Parameter> Parameters =>
        [.. _convNorms.SelectMany(layer => new[] { layer.Weight, layer.Scale, layer.Shift }), .. _classifier.parameters()];

    public Tensor Forward(Tensor images)
    {
        using var stem = _stem.Forward(images, relu: true);
        var features = functional.max_pool2d(stem, 3, 2, 1);
        foreach (var block in _blocks)
        {
            var input = features;
            features = block.Forward(input);
            input.Dispose();
        }
        using var last = features;
        using var pooled = functional.adaptive_avg_pool2d(last, 1);
        using var flat = pooled.flatten(1);
        using var wide = flat.to_type(ScalarType.Float32);
        return _classifier.call(wide);
    }

    public void Dispose()
    {
        foreach (var layer in _convNorms)
            layer.Dispose();
        _classifier.Dispose();
    }

    private ConvBatchNorm NewConvNorm(long inputs, long outputs, long kernel, long stride, bool channelsLast)
    {
        var layer = new ConvBatchNorm(inputs, outputs, kernel, stride, channelsLast);
        _convNorms.Add(layer);
        return layer;
    }

    /// <summary>The same values, channels last in memory.</summary>
    public static Tensor ChannelsLast(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2));
    }

    private sealed record Bottleneck(ConvBatchNorm Reduce, ConvBatchNorm Spatial, ConvBatchNorm Expand, ConvBatchNorm? Shortcut)
    {
        public Tensor Forward(Tensor input)
        {
            using var shortcut = Shortcut?.Forward(input, relu: false);
            using var reduced = Reduce.Forward(input, relu: true);
            using var spatial = Spatial.Forward(reduced, relu: true);
            var output = Expand.Forward(spatial, relu: false);
            return output.add_(shortcut ?? input).relu_();
        }
    }

    private sealed class ConvBatchNorm : IDisposable
    {
        private readonly long[] _stride;
        private readonly long[] _padding;
        private readonly Tensor _mean;
        private readonly Tensor _variance;
        private readonly Tensor _batches;

        public ConvBatchNorm(long inputs, long outputs, long kernel, long stride, bool channelsLast)
        {
            using var weight = empty([outputs, inputs, kernel, kernel]);
            init.kaiming_normal_(weight, 0, init.FanInOut.FanOut, init.NonlinearityType.ReLU);
            Weight = Parameter(channelsLast ? ChannelsLast(weight) : weight.clone());
            Scale = Parameter(ones([outputs]));
            Shift = Parameter(zeros([outputs]));
            _mean = zeros([outputs]);
            _variance = ones([outputs]);
            _batches = zeros([], ScalarType.Int64);
            _stride = [stride, stride];
            _padding = [kernel / 2, kernel / 2];
        }

        public Parameter Weight { get; }

        public Parameter Scale { get; }

        public Parameter Shift { get; }

        public Tensor Forward(Tensor input, bool relu)
        {
            using var cast = input.dtype == ScalarType.Float32 ? null : Weight.to_type(input.dtype);
            using var convolved = functional.conv2d(input, cast ?? Weight, null, _stride, _padding);
            _batches.add_(1);
            var output = functional.batch_norm(convolved, _mean, _variance, Scale, Shift, true);
            return relu ? output.relu_() : output;
        }

        public void Dispose()
        {
            foreach (var tensor in new[] { Weight, Scale, Shift, _mean, _variance, _batches })
                tensor.Dispose();
        }
    }
}
