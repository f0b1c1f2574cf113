using System.Globalization;

namespace MlNet.ImageClassification;

/// <summary>Where a network computes: the CPU, a CUDA device, or the best there is.</summary>
public readonly record struct ComputeDevice
{
    private enum Kind
    {
        Auto,
        Cpu,
        Cuda,
    }

    private readonly Kind _kind;
    private readonly int _index;

    private ComputeDevice(Kind kind, int index = 0) => (_kind, _index) = (kind, index);

    /// <summary>The first CUDA device, else the CPU.</summary>
    public static ComputeDevice Auto => default;

    /// <summary>The processor.</summary>
    public static ComputeDevice Cpu => new(Kind.Cpu);

    /// <summary>A CUDA device.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static ComputeDevice Cuda(int index = 0) => index >= 0
        ? new ComputeDevice(Kind.Cuda, index)
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"The CUDA device is {index}; it must be 0 or more.");

    /// <summary>The device that a text names: <c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    /// <param name="text">The text, in any case.</param>
    /// <exception cref="FormatException">The text names no device.</exception>
    public static ComputeDevice Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string name = text.Trim().ToLowerInvariant();
        if (name == "auto")
            return Auto;
        if (name == "cpu")
            return Cpu;
        if (name is "cuda")
            return Cuda();
        if (name.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            return Cuda(index);
        throw new FormatException($"'{text}' is no device; it must be auto, cpu, cuda or cuda:<number>.");
    }

    internal bool IsAuto => _kind == Kind.Auto;

    internal int? CudaIndex => _kind == Kind.Cuda ? _index : null;

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => _kind == Kind.Cuda ? $"cuda:{_index}" : _kind.ToString().ToLowerInvariant();
}
