using System.Text;
using TorchSharp.Modules;

namespace MlNet.ImageClassification;

/// <summary>
/// What a training needs to go on after its last step. Random draws need not be kept: they follow from the seed, the epoch and
/// the step.
/// </summary>
/// <param name="Identity">Which training it is.</param>
/// <param name="Model">What the model is that is trained.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="IsComplete">Whether the training has come to its end.</param>
/// <param name="EpochLimit">The epochs it was to have.</param>
/// <param name="Epochs">The whole epochs done.</param>
/// <param name="Position">What is done of the next.</param>
/// <param name="Weights">The weights after that.</param>
/// <param name="Optimizer">The optimizer's own saved state.</param>
/// <param name="LossScale">The state of the loss scaler.</param>
/// <param name="Callbacks">The state of each callback that has one, by its name.</param>
internal sealed record Checkpoint(
    TrainingIdentity Identity, ModelDefinition Model, int Seed, bool IsComplete, int EpochLimit, IReadOnlyList<EpochMetrics> Epochs,
    EpochPosition Position, NetworkWeights Weights, byte[] Optimizer, LossScale LossScale, IReadOnlyDictionary<string, byte[]> Callbacks)
{
    private const string Magic = "MlNetCnn checkpoint 4";
    private const int MaximumCallbacks = 100;

    private const int EpochBytes = sizeof(int) + 6 * sizeof(double) + sizeof(bool) + sizeof(long);

    /// <summary>The state of an optimizer as bytes.</summary>
    public static byte[] StateOf(OptimizerHelper optimizer) => Bytes(writer => PlainState.Of(optimizer, plain => plain.save_state_dict(writer)));

    /// <summary>The state of a callback as bytes.</summary>
    public static byte[] StateOf(IStatefulCallback callback) => Bytes(callback.Save);

    /// <summary>Gives an optimizer the state that was kept.</summary>
    public void Restore(OptimizerHelper optimizer)
    {
        using var reader = new BinaryReader(new MemoryStream(Optimizer));
        PlainState.Of(optimizer, plain => plain.load_state_dict(reader));
    }

    /// <summary>Gives a callback the state that was kept; false where there is none of its name.</summary>
    public bool Restore(IStatefulCallback callback)
    {
        if (!Callbacks.TryGetValue(callback.Name, out byte[]? state))
            return false;
        using var reader = new BinaryReader(new MemoryStream(state));
        callback.Load(reader);
        return true;
    }

    /// <summary>How far the training is, for a message.</summary>
    public string Progress =>
        (Position.Steps == 0 || Epochs.Count > 0 ? Quantity.Of(Epochs.Count, "epoch") : "") +
        (Position.Steps == 0 ? "" : (Epochs.Count > 0 ? " and " : "") + Quantity.Of(Position.Steps, "step"));

    public void Write(Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        CheckedBlock.Write(writer, block =>
        {
            Identity.Write(block);
            ModelPayload.WriteDefinition(block, Model);
            Position.Write(block);
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
        foreach (var (name, state) in Callbacks)
            CheckedBlock.Write(writer, block =>
            {
                block.Write(name);
                block.Write(state);
            });
    }

    /// <summary>Reads what <see cref="Write(Stream)"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or no checkpoint of this version.</exception>
    /// <exception cref="EndOfStreamException">It ends too early.</exception>
    public static Checkpoint Read(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        if (ReadMagic(reader) != Magic)
            throw new InvalidDataException("It is no checkpoint of this version of the library.");
        var (identity, model, position, seed, isComplete, epochLimit, lossScale, callbacks, epochs) = CheckedBlock.Read(reader, "the header", block =>
            (TrainingIdentity.Read(block), ModelPayload.ReadDefinition(block), EpochPosition.Read(block), block.ReadInt32(), block.ReadBoolean(), block.ReadInt32(),
             new LossScale(block.ReadDouble(), block.ReadInt32()), ReadCount(block), ReadEpochs(block)));
        byte[] optimizer = CheckedBlock.Read(reader, "the optimizer", Rest);
        var weights = NetworkWeights.Read(reader);
        var states = new Dictionary<string, byte[]>();
        for (int i = 0; i < callbacks; i++)
        {
            var (name, state) = CheckedBlock.Read(reader, "the state of the training", block => (block.ReadString(), Rest(block)));
            states[name] = state;
        }
        return new Checkpoint(identity, model, seed, isComplete, epochLimit, epochs, position, weights, optimizer, lossScale, states);
    }

    // A text begins with its length; a file that is something else may announce any.
    private static string ReadMagic(BinaryReader reader) =>
        reader.ReadByte() == Magic.Length ? Encoding.ASCII.GetString(reader.ReadBytes(Magic.Length)) : "";

    private static byte[] Rest(BinaryReader block) => block.ReadBytes((int)(block.BaseStream.Length - block.BaseStream.Position));

    private static int ReadCount(BinaryReader block) =>
        block.ReadInt32() is >= 0 and <= MaximumCallbacks and var count ? count : throw new InvalidDataException("the number of states is impossible");

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
        [.. Enumerable.Range(0, CheckedBlock.ReadCount(block, EpochBytes, "epochs")).Select(_ => ReadEpoch(block))];

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
