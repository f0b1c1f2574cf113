using TorchSharp;
using static TorchSharp.torch;

namespace MlNetCnn.Benchmarks;

/// <summary>ShuffleNetV1 as one would write it with TorchSharp's own modules.</summary>
internal sealed class PlainShuffleNet : nn.Module<Tensor, Tensor>
{
    private static readonly int[] Repeats = [4, 8, 4];
    private readonly nn.Module<Tensor, Tensor> _layers;

    /// <param name="groups">3 or 8.</param>
    /// <param name="width">By how much each stage is wider than that of 1x.</param>
    /// <param name="stem">imagenet (stride 2 and a pool), strided (stride 2) or cifar (stride 1).</param>
    /// <param name="classes">Classes.</param>
    public PlainShuffleNet(int groups, double width, string stem, int classes)
        : base(nameof(PlainShuffleNet))
    {
        int channels = (int)(24 * Math.Max(1, width / 1));
        var layers = new List<nn.Module<Tensor, Tensor>>
        {
            nn.Conv2d(3, channels, 3, stride: stem == "cifar" ? 1 : 2, padding: 1, bias: false), nn.BatchNorm2d(channels), nn.ReLU(),
        };
        if (stem == "imagenet")
            layers.Add(nn.MaxPool2d(3, 2, 1));
        int first = (int)((groups == 3 ? 240 : 384) * width);
        for (int stage = 0; stage < 3; stage++)
            for (int unit = 0; unit < Repeats[stage]; unit++)
            {
                int outputs = first << stage;
                layers.Add(new Unit(channels, outputs, unit == 0 ? 2 : 1, stage == 0 && unit == 0 ? 1 : groups, groups));
                channels = outputs;
            }
        layers.AddRange([nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)]);
        _layers = nn.Sequential(layers);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _layers.forward(input);

    private sealed class Unit : nn.Module<Tensor, Tensor>
    {
        private readonly int _groups;
        private readonly bool _halves;
        private readonly nn.Module<Tensor, Tensor> _reduce;
        private readonly nn.Module<Tensor, Tensor> _expand;

        public Unit(int inputs, int outputs, int stride, int firstGroups, int groups)
            : base(nameof(Unit))
        {
            (_groups, _halves) = (groups, stride == 2);
            int middle = outputs / 4;
            int computed = _halves ? outputs - inputs : outputs;
            _reduce = nn.Sequential(nn.Conv2d(inputs, middle, 1, groups: firstGroups, bias: false), nn.BatchNorm2d(middle), nn.ReLU());
            _expand = nn.Sequential(
                nn.Conv2d(middle, middle, 3, stride: stride, padding: 1, groups: middle, bias: false), nn.BatchNorm2d(middle),
                nn.Conv2d(middle, computed, 1, groups: groups, bias: false), nn.BatchNorm2d(computed));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            var reduced = _reduce.forward(input);
            var shape = reduced.shape;
            var shuffled = reduced.view(shape[0], _groups, shape[1] / _groups, shape[2], shape[3]).transpose(1, 2).reshape(shape);
            var output = _expand.forward(shuffled);
            return _halves
                ? cat([nn.functional.avg_pool2d(input, 3, 2, 1), output], 1).relu_()
                : (output + input).relu_();
        }
    }
}
