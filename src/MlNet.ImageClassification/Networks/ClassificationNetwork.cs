using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// A convolutional network that gives each image one logit per class. Parameters are float32; images may be float32,
/// bfloat16 or float16, and all but the last layer computes in the images' type (mixed precision). Float64 images need a
/// network converted to float64.
/// </summary>
internal abstract class ClassificationNetwork : nn.Module<Tensor, Tensor>
{
    /// <summary>Checks and keeps what the network is made from.</summary>
    /// <param name="family">The family that builds it.</param>
    /// <param name="architecture">The family's text for it, every choice spelled out.</param>
    /// <param name="input">The size of the images.</param>
    /// <param name="classCount">The number of classes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below one, or there are fewer than two classes.</exception>
    protected ClassificationNetwork(NetworkFamily family, string architecture, ImageShape input, int classCount)
        : base(architecture)
    {
        if (input.Channels < 1 || input.Height < 1 || input.Width < 1)
            throw new ArgumentOutOfRangeException(nameof(input), input, $"An image of {input} (channels x height x width) has no pixels; each must be at least 1.");
        if (classCount < 2)
            throw new ArgumentOutOfRangeException(nameof(classCount), classCount, $"A classifier of {classCount} class(es) has nothing to tell apart; give the labels at least 2 classes.");

        Family = family;
        Architecture = architecture;
        InputShape = input;
        ClassCount = classCount;
    }

    /// <summary>The family that built the network.</summary>
    public NetworkFamily Family { get; }

    /// <summary>What the family needs to build it again.</summary>
    public string Architecture { get; }

    /// <summary>The size of the images the network was built for; other heights and widths pass through it as well.</summary>
    public ImageShape InputShape { get; }

    /// <summary>The number of classes: logits per image.</summary>
    public int ClassCount { get; }

    /// <summary>The layers before the classifier in the stages of the family's paper, from the stem on: every parameter but the
    /// classifier's is in one of them.</summary>
    public abstract IReadOnlyList<IReadOnlyList<nn.Module>> Stages { get; }

    /// <summary>The last layer, from features to logits.</summary>
    public abstract LinearLayer Classifier { get; }

    /// <summary>Gives every layer fresh random weights.</summary>
    /// <param name="seed">The same seed gives the same weights, whatever other random numbers are drawn in the process.</param>
    public virtual void Initialize(long seed)
    {
        using var generator = new Generator(unchecked((ulong)seed));
        foreach (var layer in modules().OfType<IInitializedLayer>())
            layer.Initialize(generator);
    }

    /// <summary>Takes over the parameters and running statistics of a network of the same architecture, from any device.</summary>
    /// <param name="other">The network to copy; it stays as it is.</param>
    /// <exception cref="ArgumentException">The networks differ in architecture, channels or classes.</exception>
    public void CopyStateFrom(ClassificationNetwork other)
    {
        if (other.Architecture != Architecture || other.ClassCount != ClassCount || other.InputShape.Channels != InputShape.Channels)
            throw new ArgumentException($"'{other.Architecture}' with {other.ClassCount} classes is not '{Architecture}' with {ClassCount} classes.", nameof(other));

        using var noGrad = no_grad();
        foreach (var (mine, theirs) in parameters().Zip(other.parameters()))
            mine.copy_(theirs);
        foreach (var (mine, theirs) in buffers().Zip(other.buffers()))
            mine.copy_(theirs);
    }

    /// <summary>
    /// Turns a tensor of published weights into the network's own. The two are the same unless the family computes in
    /// another order than the program the weights come from.
    /// </summary>
    /// <param name="name">Its name in the state dictionary.</param>
    /// <param name="values">Its published values, of the shape of the network's own.</param>
    /// <returns>The values for the network.</returns>
    internal virtual Tensor FromPublished(string name, Tensor values) => values;

    /// <summary>The inverse of <see cref="FromPublished"/>.</summary>
    /// <param name="name">Its name in the state dictionary.</param>
    /// <param name="values">The network's own values.</param>
    /// <returns>The values as they would be published.</returns>
    internal virtual Tensor ToPublished(string name, Tensor values) => values;

    /// <summary>Computes the logits of a batch.</summary>
    /// <param name="input">Images, [N, channels, height, width], floating point, on the parameters' device.</param>
    /// <returns>Logits, [N, classes], float32.</returns>
    /// <exception cref="ArgumentException">The images are not floating point, not four-dimensional, or of other channels.</exception>
    public sealed override Tensor forward(Tensor input)
    {
        using var features = Embed(input);
        return Classifier.forward(features);
    }

    /// <summary>Computes what the classifier works on.</summary>
    /// <param name="input">As <see cref="forward"/> takes them.</param>
    /// <returns>Features, [N, F], in the type of the images.</returns>
    /// <exception cref="ArgumentException">The images are not floating point, not four-dimensional, or of other channels.</exception>
    public Tensor Embed(Tensor input)
    {
        using var images = Prepare(input);
        using var maps = FeatureMaps(images);
        return Pool(maps);
    }

    /// <summary>Computes the logits of a batch and the feature maps that they come from.</summary>
    /// <param name="input">As <see cref="forward"/> takes them.</param>
    /// <returns>The maps, [N, F, H', W'], in the type of the images, and the logits, [N, classes], float32.</returns>
    /// <exception cref="ArgumentException">The images are not floating point, not four-dimensional, or of other channels.</exception>
    public (Tensor Maps, Tensor Logits) MapsAndLogits(Tensor input)
    {
        using var images = Prepare(input);
        var maps = FeatureMaps(images);
        using var features = Pool(maps);
        return (maps, Classifier.forward(features));
    }

    /// <summary>Computes the last feature maps. Disposes its intermediates, but not the images.</summary>
    /// <param name="images">Images, [N, channels, height, width], in channels-last order.</param>
    /// <returns>Maps, [N, F, H', W'], in the type of the images.</returns>
    protected abstract Tensor FeatureMaps(Tensor images);

    /// <summary>
    /// Averages each map over its positions, to what the classifier works on. That nothing else lies between the maps and the
    /// classifier makes <see cref="ClassHeatMaps"/> simple.
    /// </summary>
    /// <param name="maps">[N, F, H', W']; left alone.</param>
    /// <returns>Features, [N, F], in the type of the maps.</returns>
    private static Tensor Pool(Tensor maps)
    {
        // Over rows of pixels: the gradient then has the memory order of the maps, which the layers before depend on for speed.
        using var pixels = maps.permute(0, 2, 3, 1);
        using var rows = pixels.flatten(1, 2);
        return rows.mean([1]);
    }

    private Tensor Prepare(Tensor input)
    {
        Check(input, Architecture, InputShape.Channels);
        SignalStack.Ensure();
        return ChannelsLast.Of(input);
    }

    /// <summary>Describes what <see cref="FeatureMaps"/> computes in evaluation, batch norms folded into the convolutions.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="images">[N, channels, height, width].</param>
    /// <returns>Maps, [N, F, H', W'].</returns>
    public abstract string WriteFeatureMapsTo(INetworkGraph graph, string images);

    /// <summary>Checks images that are to pass through a network.</summary>
    /// <param name="input">The images.</param>
    /// <param name="architecture">The network's architecture, for messages.</param>
    /// <param name="channels">The channels that it takes.</param>
    /// <exception cref="ArgumentException">The images are not floating point, not four-dimensional, or of other channels.</exception>
    internal static void Check(Tensor input, string architecture, int channels)
    {
        var shape = input.shape;
        if (shape.Length != 4 || shape[1] != channels)
            throw new ArgumentException(
                $"'{architecture}' takes images as [N, {channels}, height, width]; these are [{string.Join(", ", shape)}].", nameof(input));
        if (input.dtype is not (ScalarType.Float32 or ScalarType.BFloat16 or ScalarType.Float16 or ScalarType.Float64))
            throw new ArgumentException(
                $"'{architecture}' takes images as floating-point numbers; these are {input.dtype}. Convert them with to_type first.", nameof(input));
    }
}
