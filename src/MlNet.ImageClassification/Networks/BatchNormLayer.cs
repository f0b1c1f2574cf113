using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Batch normalization over the channels of images. Parameters and running statistics are float32 whatever the type of the
/// input.
/// </summary>
internal sealed class BatchNormLayer : nn.Module<Tensor, Tensor>, IInitializedLayer
{
    private const double Momentum = 0.1;
    private const double Epsilon = 1e-5;

    // Named as the state dictionary names them.
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly Tensor running_mean;
    private readonly Tensor running_var;
    private readonly Tensor num_batches_tracked;

    /// <summary>Makes the layer: scale 1, shift 0, running mean 0 and variance 1.</summary>
    /// <param name="channels">Channels of the input.</param>
    public BatchNormLayer(int channels)
        : base(nameof(BatchNormLayer))
    {
        weight = LayerState.Parameter(ones([channels]));
        bias = LayerState.Parameter(zeros([channels]));
        running_mean = LayerState.Buffer(zeros([channels]));
        running_var = LayerState.Buffer(ones([channels]));
        num_batches_tracked = LayerState.Buffer(zeros([], ScalarType.Int64));
        RegisterComponents();
    }

    /// <summary>Processes over whose images it normalizes in training; null for the images of this one.</summary>
    public IProcessGroup? Group { get; set; }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (training)
            num_batches_tracked.Increment();
        return input.shape[2] * input.shape[3] == 1 ? NormalizeSinglePositions(input) : Normalize(input);
    }

    // The running statistics are updated in place.
    private Tensor Normalize(Tensor input) => training && Group is not null
        ? SynchronizedNorm.Apply(Group, input, (running_mean, running_var, weight, bias), Momentum, Epsilon)
        : nn.functional.batch_norm(input, running_mean, running_var, weight, bias, training, Momentum, Epsilon);

    // As one image of N positions. The strides of a single position do not tell channels-last from channels-first; where LibTorch
    // takes the features for one and their gradient for the other, the backward pass goes a way ten times as long.
    private Tensor NormalizeSinglePositions(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (count, channels) = (input.shape[0], input.shape[1]);
        return Normalize(input.reshape(1, count, 1, channels).permute(0, 3, 1, 2))
            .permute(0, 2, 3, 1).reshape(count, 1, 1, channels).permute(0, 3, 1, 2)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Scale 1, shift 0, and statistics as if no batch had been seen.</summary>
    /// <inheritdoc cref="IInitializedLayer.Initialize"/>
    public void Initialize(Generator generator)
    {
        using var noGrad = no_grad();
        weight.fill_(1);
        bias.zero_();
        running_mean.zero_();
        running_var.fill_(1);
        num_batches_tracked.zero_();
    }

    internal void ZeroScale()
    {
        using var noGrad = no_grad();
        weight.zero_();
    }

    /// <summary>The norm of evaluation as y = scale x + shift, in float64 on the CPU.</summary>
    internal (Tensor Scale, Tensor Shift) ScaleAndShift()
    {
        var scale = Double(weight) / (Double(running_var) + Epsilon).sqrt();
        return (scale, Double(bias) - Double(running_mean) * scale);

        static Tensor Double(Tensor value) => value.to(ScalarType.Float64, CPU);
    }
}
