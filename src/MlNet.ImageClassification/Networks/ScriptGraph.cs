using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>The source of a TorchScript program that a network describes itself to.</summary>
/// <param name="input">The images' size.</param>
/// <param name="fuses">
/// Whether a convolution is oneDNN's own convolution or product, with the sum or the ReLU behind it in the same pass and the weight in the
/// order that oneDNN prefers. LibTorch's brings the weight into that order at every call, which for a single image takes longer than the
/// arithmetic. docs/convolutions.md has the figures.
/// </param>
internal sealed class ScriptGraph(ImageShape input, bool fuses) : INetworkGraph
{
    /// <summary>The name of the images.</summary>
    public const string Images = "images";

    /// <summary>The name of the list of weights.</summary>
    public const string Weights = "weights";

    /// <summary>The name of the number of images.</summary>
    public const string Count = "count";

    // LibTorch has them for its own compiler. TorchSharp does not bind them, but a saved program may name them.
    private const string FusedConvolution = "ops.mkldnn._convolution_pointwise";
    private const string ConvolutionWeight = "ops.mkldnn._reorder_convolution_weight";
    private const string FusedProduct = "ops.mkldnn._linear_pointwise";
    private const string ProductWeight = "ops.mkldnn._reorder_linear_weight";

    private readonly List<string> _lines = [];
    private readonly List<string> _prepared = [];
    private readonly List<string> _packed = [];
    private readonly Dictionary<string, ImageShape> _shapes = new() { [Images] = input };
    private int _names;

    // The last convolution, as long as a sum or a ReLU may still become part of it.
    private Convolved? _open;

    /// <summary>The weight and the bias of each convolution, as they were given.</summary>
    public List<Tensor> Constants { get; } = [];

    /// <summary>The body of the function that makes the <see cref="Weights"/> from a list of the <see cref="Constants"/>.</summary>
    public IEnumerable<string> Preparation => [$"return [{string.Join(", ", _prepared)}]"];

    /// <summary>The body of the function that brings <see cref="Weights"/> into the order for a <see cref="Count"/> of images, from whatever order they are in.</summary>
    public IEnumerable<string> Packing => [$"return [{string.Join(", ", _packed)}]"];

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
        var convolution = new Convolved(input, shape, Constants.Count, (int)weight.shape[2], stride, groups, (int)weight.shape[0]);
        Constants.AddRange([weight, bias]);
        return Open(convolution, convolution.OutputShape);
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
        if (_open is { } it)
        {
            bool isProduct = fuses && (it.IsFasterOfPixels || it.IsFasterOfImages);
            var (weight, bias, expression) = !fuses ? Plain(it) : !isProduct ? Fused(it) : it.IsFasterOfPixels ? ProductOfPixels(it) : ProductOfImages(it);
            _prepared.AddRange([weight, bias]);
            _packed.AddRange([fuses && !isProduct ? Packed(it) : it.Weight, it.Bias]);
            _lines.Add($"{it.Output} = {expression}");
        }
        _open = null;
    }

    private string Name(ImageShape shape)
    {
        string name = $"value{_names++}";
        _shapes.Add(name, shape);
        return name;
    }

    private static (string Weight, string Bias, string Expression) Plain(Convolved it)
    {
        string expression = $"torch.conv2d({it.Input}, {it.Weight}, {it.Bias}, {it.Strides}, {it.Padding}, [1, 1], {it.Groups})";
        if (it.Addend is not null)
            expression = $"torch.add_({expression}, {it.Addend})";
        return (it.Weight, it.Bias, it.Relu ? $"torch.relu_({expression})" : expression);
    }

    private static (string Weight, string Bias, string Expression) Fused(Convolved it)
    {
        string window = $"{it.Weight}, {it.Bias}, {it.Padding}, {it.Strides}, [1, 1], {it.Groups}";
        return (
            it.Weight, it.Bias,
            // The one that adds in place: the other fails where the output has a single position.
            it.Addend is null
                ? $"{FusedConvolution}({it.Input}, {window}, \"{(it.Relu ? "relu" : "none")}\", none, None)"
                : $"{FusedConvolution}_({it.Addend}, {it.Input}, {window}, \"add\", None, {(it.Relu ? "\"relu\"" : "None")}, none, None)");
    }

    private static string Packed(Convolved it)
    {
        var (channels, height, width) = it.Shape;
        return $"{ConvolutionWeight}(torch.to_dense({it.Weight}), {it.Padding}, {it.Strides}, [1, 1], {it.Groups}, [{Count}, {channels}, {height}, {width}])";
    }

    // A 1x1 convolution is the product of the pixels, [N, H, W, C], with the weight.
    private static (string Weight, string Bias, string Expression) ProductOfPixels(Convolved it)
    {
        string pixels = Pixels(it.Input);
        if (it.Stride > 1)
            pixels = Slice(Slice(pixels, 1, 0, it.Shape.Height, it.Stride), 2, 0, it.Shape.Width, it.Stride);
        string addend = it.Addend is null ? "" : Pixels(it.Addend);
        return ($"{ProductWeight}(torch.flatten({it.Weight}, 1), None)", it.Bias, Channels(Product(it, pixels, addend)));
    }

    // As Conv2dLayer has it: all values of an image, [N, H * W * C], and the taps between each position of the input and each of the output.
    private static (string Weight, string Bias, string Expression) ProductOfImages(Convolved it)
    {
        var (_, height, width) = it.Shape;
        var (channels, rows, columns) = it.OutputShape;
        var taps = from y in Enumerable.Range(0, rows)
                   from x in Enumerable.Range(0, columns)
                   let first = (Row: 1 - y * it.Stride, Column: 1 - x * it.Stride)
                   select Flat(Slice(Slice(Pixels(it.Weight), 1, first.Row, first.Row + height), 2, first.Column, first.Column + width));
        string images = Product(it, Flat(Pixels(it.Input)), it.Addend is null ? "" : Flat(Pixels(it.Addend)));
        return (
            $"{ProductWeight}(torch.cat([{string.Join(", ", taps)}], 0), None)",
            $"torch.repeat({it.Bias}, [{rows * columns}])",
            Channels($"torch.reshape({images}, [-1, {rows}, {columns}, {channels}])"));
    }

    private static string Product(Convolved it, string rows, string addend)
    {
        if (it.Addend is null)
            return $"{FusedProduct}({rows}, {it.Weight}, {it.Bias}, \"{(it.Relu ? "relu" : "none")}\", none, None)";
        string sum = $"{FusedProduct}({rows}, {addend}, {it.Weight}, {it.Bias}, \"add\")";
        return it.Relu ? $"torch.relu_({sum})" : sum;
    }

    private static string Pixels(string images) => $"torch.permute({images}, [0, 2, 3, 1])";

    private static string Channels(string pixels) => $"torch.permute({pixels}, [0, 3, 1, 2])";

    private static string Flat(string values) => $"torch.flatten({values}, 1)";

    private static string Slice(string values, int dimension, int first, int end, int step = 1) =>
        $"torch.slice({values}, {dimension}, {first}, {end}, {step})";

    /// <summary>A convolution with what was already found to belong to it.</summary>
    private sealed record Convolved(string Input, ImageShape Shape, int Index, int Kernel, int Stride, int Groups, int Outputs)
    {
        public string Output { get; init; } = "";

        public string? Addend { get; init; }

        public bool Relu { get; init; }

        public string Weight => $"{Weights}[{Index}]";

        public string Bias => $"{Weights}[{Index + 1}]";

        public string Strides => $"[{Stride}, {Stride}]";

        public string Padding => $"[{Kernel / 2}, {Kernel / 2}]";

        // The padding is half the window, so that the stride alone decides.
        public ImageShape OutputShape => new(Outputs, (Shape.Height - 1) / Stride + 1, (Shape.Width - 1) / Stride + 1);

        // A product takes a sum into its pass, but not the ReLU behind it: a pass over few values.
        public bool IsFasterOfPixels => Kernel == 1 && Groups == 1 && (Addend is null || IsTiny);

        public bool IsFasterOfImages => Kernel == 3 && Groups == 1 && IsTiny;

        private bool IsTiny => Math.Max(Shape.Height, Shape.Width) <= 2;
    }
}
