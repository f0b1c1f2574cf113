namespace MlNet.ImageClassification;

/// <summary>The arithmetic of a network's convolutions. Weights, losses and scores are float32 in all of them.</summary>
public enum ComputePrecision
{
    /// <summary>
    /// What the device has instructions for. A CUDA device of compute capability 8.0 (Ampere) or above: BFloat16; 5.3 or above: Float16;
    /// any other, or where the driver does not tell: Float32. A processor: BFloat16 with AVX512-BF16 or AMX, else Float32.
    /// </summary>
    Auto,

    /// <summary>
    /// Single precision; of CUDA devices of compute capability 8.0 or above with TensorFloat-32 inside convolutions, unless the application
    /// sets <c>torch.backends.cudnn.allow_tf32</c> to false.
    /// </summary>
    Float32,

    /// <summary>16 bits with the range of single precision: about twice as fast, scores differ in the third digit.</summary>
    BFloat16,

    /// <summary>
    /// IEEE half precision: 16 bits with more digits than BFloat16 and a smaller range, which the training scales its loss for.
    /// Meant for CUDA devices; most processors compute in it many times more slowly than in Float32.
    /// </summary>
    Float16,
}
