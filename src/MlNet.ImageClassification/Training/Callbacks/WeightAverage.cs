using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>The running average of a network's weights and batch statistics: see <see cref="TrainingRecipe.WeightAverageDecay"/>.</summary>
internal sealed class WeightAverage : IStatefulCallback, IDisposable
{
    private const string StateName = "average of the weights";

    private readonly double _decay;
    private readonly (Tensor Average, Tensor Last)[] _tensors;
    private long _steps;

    /// <param name="network">The network that is trained, on its device and with its first weights.</param>
    /// <param name="decay">The share of the average that a step keeps.</param>
    public WeightAverage(ClassificationNetwork network, double decay)
    {
        _decay = decay;
        Network = network.Family.Create(network.Architecture, network.InputShape, network.ClassCount);
        Network.to(network.parameters().First().device);
        StartFrom(network);
        _tensors = [.. Network.parameters().Zip(network.parameters()), .. Network.buffers().Zip(network.buffers())];
    }

    /// <summary>A network with the average; its state is this object's.</summary>
    public ClassificationNetwork Network { get; }

    public string Name => StateName;

    /// <summary>The average that a checkpoint holds; null where it holds none.</summary>
    public static NetworkWeights? Read(Checkpoint checkpoint)
    {
        if (!checkpoint.Callbacks.TryGetValue(StateName, out byte[]? state))
            return null;
        using var reader = new BinaryReader(new MemoryStream(state));
        reader.ReadInt64();
        return NetworkWeights.Read(reader);
    }

    /// <summary>Forgets all but these weights.</summary>
    public void StartFrom(ClassificationNetwork network)
    {
        Network.CopyStateFrom(network);
        _steps = 0;
    }

    public void OnStepEnd()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _steps++;
        double decay = Math.Min(_decay, (1.0 + _steps) / (10 + _steps));
        foreach (var (average, last) in _tensors)
            if (average.is_floating_point())
                average.lerp_(last, 1 - decay);
            else
                average.copy_(last);
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_steps);
        NetworkWeights.Of(Network).Write(writer);
    }

    public void Load(BinaryReader reader)
    {
        _steps = reader.ReadInt64();
        NetworkWeights.Read(reader).CopyTo(Network);
    }

    public void Dispose() => Network.Dispose();
}
