namespace MlNet.ImageClassification;

/// <summary>The arithmetic of a network's convolutions. Weights, losses and scores are float32 in all of them.</summary>
public enum ComputePrecision
{
    /// <summary>BFloat16 on CUDA devices and on processors that have instructions for it, Float32 elsewhere.</summary>
    Auto,

    /// <summary>Single precision.</summary>
    Float32,

    /// <summary>16 bits with the range of single precision: about twice as fast, scores differ in the third digit.</summary>
    BFloat16,

    /// <summary>
    /// IEEE half precision: 16 bits with more digits than BFloat16 and a smaller range, which the training scales its loss for.
    /// Meant for CUDA devices; most processors compute in it many times more slowly than in Float32.
    /// </summary>
    Float16,
}
