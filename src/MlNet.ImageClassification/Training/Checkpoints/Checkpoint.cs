using System.Text;
using TorchSharp.Modules;

namespace MlNet.ImageClassification;

/// <summary>
/// What a training needs to go on after its last whole epoch. Random draws need not be kept: they follow from the seed and
/// the epoch.
/// </summary>
/// <param name="Identity">Which training it is.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="IsComplete">Whether the training has come to its end.</param>
/// <param name="EpochLimit">The epochs it was to have.</param>
/// <param name="Epochs">The epochs done.</param>
/// <param name="Weights">The weights after them.</param>
/// <param name="Optimizer">The optimizer's own saved state.</param>
/// <param name="LossScale">The state of the loss scaler.</param>
/// <param name="Callbacks">The state of each callback that has one, in order.</param>
internal sealed record Checkpoint(
    TrainingIdentity Identity, int Seed, bool IsComplete, int EpochLimit, IReadOnlyList<EpochMetrics> Epochs, NetworkWeights Weights,
    byte[] Optimizer, LossScale LossScale, IReadOnlyList<byte[]> Callbacks)
{
    private const string Magic = "MlNetCnn checkpoint 3";

    /// <summary>The state of an optimizer as bytes.</summary>
    public static byte[] StateOf(OptimizerHelper optimizer) => Bytes(optimizer.save_state_dict);

    /// <summary>The state of a callback as bytes.</summary>
    public static byte[] StateOf(IStatefulCallback callback) => Bytes(callback.Save);

    /// <summary>Gives an optimizer the state that was kept.</summary>
    public void Restore(OptimizerHelper optimizer)
    {
        using var reader = new BinaryReader(new MemoryStream(Optimizer));
        optimizer.load_state_dict(reader);
    }

    /// <summary>Gives callbacks the states that were kept.</summary>
    public void Restore(IReadOnlyList<IStatefulCallback> callbacks)
    {
        foreach (var (callback, state) in callbacks.Zip(Callbacks))
        {
            using var reader = new BinaryReader(new MemoryStream(state));
            callback.Load(reader);
        }
    }

    public void Write(Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        CheckedBlock.Write(writer, block =>
        {
            Identity.Write(block);
            block.Write(Seed);
            block.Write(IsComplete);
            block.Write(EpochLimit);
            block.Write(LossScale.Factor);
            block.Write(LossScale.GoodSteps);
            block.Write(Callbacks.Count);
            block.Write(Epochs.Count);
            foreach (var epoch in Epochs)
                Write(block, epoch);
        });
        CheckedBlock.Write(writer, block => block.Write(Optimizer));
        Weights.Write(writer);
        foreach (byte[] state in Callbacks)
            CheckedBlock.Write(writer, block => block.Write(state));
    }

    /// <summary>Reads what <see cref="Write(Stream)"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or no checkpoint of this version.</exception>
    /// <exception cref="EndOfStreamException">It ends too early.</exception>
    public static Checkpoint Read(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        if (ReadMagic(reader) != Magic)
            throw new InvalidDataException("It is no checkpoint of this version of the library.");
        var (identity, seed, isComplete, epochLimit, lossScale, callbacks, epochs) = CheckedBlock.Read(reader, "the header", block =>
            (TrainingIdentity.Read(block), block.ReadInt32(), block.ReadBoolean(), block.ReadInt32(), new LossScale(block.ReadDouble(), block.ReadInt32()), block.ReadInt32(), ReadEpochs(block)));
        byte[] optimizer = CheckedBlock.Read(reader, "the optimizer", Rest);
        var weights = NetworkWeights.Read(reader);
        var states = new List<byte[]>();
        for (int i = 0; i < callbacks; i++)
            states.Add(CheckedBlock.Read(reader, "the state of the training", Rest));
        return new Checkpoint(identity, seed, isComplete, epochLimit, epochs, weights, optimizer, lossScale, states);
    }

    // A text begins with its length; a file that is something else may announce any.
    private static string ReadMagic(BinaryReader reader) =>
        reader.ReadByte() == Magic.Length ? Encoding.ASCII.GetString(reader.ReadBytes(Magic.Length)) : "";

    private static byte[] Rest(BinaryReader block) => block.ReadBytes((int)block.BaseStream.Length);

    private static byte[] Bytes(Action<BinaryWriter> write)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        write(writer);
        return buffer.ToArray();
    }

    private static void Write(BinaryWriter block, EpochMetrics epoch)
    {
        block.Write(epoch.Epoch);
        block.Write(epoch.Loss);
        block.Write(epoch.Accuracy);
        block.Write(epoch.ValidationLoss.HasValue);
        block.Write(epoch.ValidationLoss ?? 0);
        block.Write(epoch.ValidationAccuracy ?? 0);
        block.Write(epoch.LearningRate);
        block.Write(epoch.ImagesPerSecond);
        block.Write(epoch.Duration.Ticks);
    }

    private static EpochMetrics[] ReadEpochs(BinaryReader block) =>
        [.. Enumerable.Range(0, block.ReadInt32()).Select(_ => ReadEpoch(block))];

    private static EpochMetrics ReadEpoch(BinaryReader block)
    {
        var (epoch, loss, accuracy) = (block.ReadInt32(), block.ReadDouble(), block.ReadDouble());
        bool validated = block.ReadBoolean();
        var (validationLoss, validationAccuracy) = (block.ReadDouble(), block.ReadDouble());
        return new EpochMetrics(
            epoch, loss, accuracy, validated ? validationLoss : null, validated ? validationAccuracy : null,
            block.ReadDouble(), block.ReadDouble(), new TimeSpan(block.ReadInt64()));
    }
}
