using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>The source of a TorchScript program that a network describes itself to.</summary>
/// <param name="input">The images' size that the program is made for; others pass through it as well.</param>
/// <param name="fuses">
/// Whether a convolution is oneDNN's own, with the sum and the ReLU behind it in the same pass and the weight in the order that oneDNN
/// prefers. LibTorch's convolution brings the weight into that order at every call, which for a single image takes longer than the
/// arithmetic.
/// </param>
internal sealed class ScriptGraph(ImageShape input, bool fuses) : INetworkGraph
{
    /// <summary>The name of the images.</summary>
    public const string Images = "images";

    /// <summary>The name of the list of weights.</summary>
    public const string Weights = "weights";

    // LibTorch has them for its own compiler. TorchSharp does not bind them, but a saved program may name them.
    private const string FusedConvolution = "ops.mkldnn._convolution_pointwise";
    private const string OrderedWeight = "ops.mkldnn._reorder_convolution_weight";

    private readonly List<string> _lines = [];
    private readonly List<string> _prepared = [];
    private readonly Dictionary<string, ImageShape> _shapes = new() { [Images] = input };
    private int _names;

    // The last convolution, as long as a sum or a ReLU may still become part of it.
    private Convolved? _open;

    /// <summary>The weight and the bias of each convolution, as they were given.</summary>
    public List<Tensor> Constants { get; } = [];

    /// <summary>The body of the function that makes the <see cref="Weights"/> from a list of the <see cref="Constants"/>.</summary>
    public IEnumerable<string> Preparation => [$"return [{string.Join(", ", _prepared)}]"];

    /// <summary>The body of a function of the <see cref="Images"/> and the <see cref="Weights"/>.</summary>
    /// <param name="result">The value that it returns.</param>
    public IEnumerable<string> Body(string result)
    {
        Close();
        return ["none = annotate(List[Optional[number]], [])", .. _lines, $"return {result}"];
    }

    public string Convolution(string input, Tensor weight, Tensor bias, int stride, int groups)
    {
        Close();
        var shape = _shapes[input];
        var convolution = new Convolved(input, Constants.Count, weight.shape[2], stride, groups);
        var constant = $"{Weights}[{convolution.Weight}]";
        _prepared.Add(!fuses ? constant :
            $"{OrderedWeight}({constant}, {convolution.Padding}, {convolution.Strides}, [1, 1], {groups}, " +
            $"[1, {shape.Channels}, {shape.Height}, {shape.Width}])");
        _prepared.Add($"{Weights}[{convolution.Weight + 1}]");
        Constants.AddRange([weight, bias]);
        return Open(convolution, new ImageShape((int)weight.shape[0], convolution.Outputs(shape.Height), convolution.Outputs(shape.Width)));
    }

    public string Relu(string input) => _open is { Relu: false } open && open.Output == input
        ? Open(open with { Relu = true }, _shapes[input])
        : Line($"torch.relu({input})", _shapes[input]);

    public string Add(string first, string second)
    {
        string? other = _open?.Output == first ? second : _open?.Output == second ? first : null;
        if (_open is not { Relu: false, Addend: null } open || other is null or Images)
            return Line($"torch.add({first}, {second})", _shapes[first]);
        return Open(open with { Addend = other }, _shapes[first]);
    }

    public string JoinChannels(string first, string second) => Line(
        $"torch.cat([{first}, {second}], 1)", _shapes[first] with { Channels = _shapes[first].Channels + _shapes[second].Channels });

    public string TransposeChannels(string input, int channels, int rows) => Line($"torch.channel_shuffle({input}, {rows})", _shapes[input]);

    public string MaxPool(string input) => Pool("max_pool2d", input);

    public string AveragePool(string input) => Pool("avg_pool2d", input);

    private string Pool(string function, string input)
    {
        var (channels, height, width) = _shapes[input];
        return Line($"torch.{function}({input}, [3, 3], [2, 2], [1, 1])", new ImageShape(channels, Half(height), Half(width)));

        static int Half(int size) => (size + 1) / 2;
    }

    private string Line(string expression, ImageShape shape)
    {
        Close();
        string name = Name(shape);
        _lines.Add($"{name} = {expression}");
        return name;
    }

    private string Open(Convolved convolved, ImageShape shape)
    {
        _open = convolved with { Output = Name(shape) };
        return _open.Output;
    }

    private void Close()
    {
        if (_open is { } convolved)
            _lines.Add($"{convolved.Output} = {(fuses ? Fused(convolved) : Plain(convolved))}");
        _open = null;
    }

    private string Name(ImageShape shape)
    {
        string name = $"value{_names++}";
        _shapes.Add(name, shape);
        return name;
    }

    private static string Fused(Convolved it)
    {
        string window = $"{Weights}[{it.Weight}], {Weights}[{it.Weight + 1}], {it.Padding}, {it.Strides}, [1, 1], {it.Groups}";
        // The one that adds in place: the other fails where the output has a single position.
        return it.Addend is null
            ? $"{FusedConvolution}({it.Input}, {window}, \"{(it.Relu ? "relu" : "none")}\", none, None)"
            : $"{FusedConvolution}_({it.Addend}, {it.Input}, {window}, \"add\", None, {(it.Relu ? "\"relu\"" : "None")}, none, None)";
    }

    private static string Plain(Convolved it)
    {
        string expression = $"torch.conv2d({it.Input}, {Weights}[{it.Weight}], {Weights}[{it.Weight + 1}], {it.Strides}, {it.Padding}, [1, 1], {it.Groups})";
        if (it.Addend is not null)
            expression = $"torch.add_({expression}, {it.Addend})";
        return it.Relu ? $"torch.relu_({expression})" : expression;
    }

    /// <summary>A convolution with what was already found to belong to it.</summary>
    private sealed record Convolved(string Input, int Weight, long Kernel, int Stride, int Groups)
    {
        public string Output { get; init; } = "";

        public string? Addend { get; init; }

        public bool Relu { get; init; }

        public string Strides => $"[{Stride}, {Stride}]";

        public string Padding => $"[{Kernel / 2}, {Kernel / 2}]";

        // The padding is half the window, so that the stride alone decides.
        public int Outputs(int size) => (size - 1) / Stride + 1;
    }
}
