using System.Text;
using TorchSharp.Modules;

namespace MlNet.ImageClassification;

/// <summary>
/// What a training needs to go on after its last whole epoch. Random draws need not be kept: they follow from the seed and
/// the epoch.
/// </summary>
/// <param name="Epochs">The epochs done.</param>
/// <param name="Weights">The weights after them.</param>
/// <param name="Optimizer">The optimizer's own saved state.</param>
/// <param name="LossScale">The state of the loss scaler.</param>
/// <param name="BestEpoch">The best epoch so far.</param>
/// <param name="BestWeights">Its weights.</param>
internal sealed record Checkpoint(
    IReadOnlyList<EpochMetrics> Epochs, NetworkWeights Weights, byte[] Optimizer, LossScale LossScale, int BestEpoch,
    NetworkWeights BestWeights)
{
    private const string FileName = "checkpoint.mlnetcnn";
    private const string Magic = "MlNetCnn checkpoint 2";

    /// <summary>The state of an optimizer as bytes.</summary>
    public static byte[] StateOf(OptimizerHelper optimizer)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        optimizer.save_state_dict(writer);
        return buffer.ToArray();
    }

    /// <summary>Gives an optimizer the state that was kept.</summary>
    public void RestoreOptimizer(OptimizerHelper optimizer)
    {
        using var reader = new BinaryReader(new MemoryStream(Optimizer));
        optimizer.load_state_dict(reader);
    }

    /// <summary>Makes the workspace when it does not exist, and tries to write there.</summary>
    /// <exception cref="InvalidOperationException">The workspace cannot be written.</exception>
    public static void Prepare(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            File.Create(Beside(folder)).Dispose();
            File.Delete(Beside(folder));
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            throw new InvalidOperationException(
                $"{nameof(ImageClassificationOptions.WorkspacePath)} is '{folder}'; no checkpoint can be written there: {e.Message}", e);
        }
    }

    /// <summary>Whether an exception tells of a full disk, a missing permission or the like.</summary>
    public static bool IsOfTheDisk(Exception e) => e is IOException or UnauthorizedAccessException;

    /// <summary>Writes the checkpoint beside the one before, then takes its place.</summary>
    /// <param name="folder">The workspace.</param>
    /// <param name="run">What the training depends on; only the same training may continue.</param>
    public void Save(string folder, string run)
    {
        try
        {
            using (var file = File.Create(Beside(folder)))
            {
                Write(file, run);
                file.Flush(flushToDisk: true);
            }
            File.Move(Beside(folder), Path.Combine(folder, FileName), overwrite: true);
        }
        catch
        {
            // Part of a checkpoint is of no use and may be what fills the disk.
            if (File.Exists(Beside(folder)))
                File.Delete(Beside(folder));
            throw;
        }
    }

    /// <summary>Reads the checkpoint of a folder; null when there is none.</summary>
    /// <exception cref="InvalidOperationException">The checkpoint is damaged or belongs to another training.</exception>
    public static Checkpoint? Load(string folder, string run)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return null;
        try
        {
            using var reader = new BinaryReader(File.OpenRead(path), Encoding.UTF8);
            if (reader.ReadString() != Magic)
                throw new InvalidDataException("It is no checkpoint of this version of the library.");
            var (savedRun, best, lossScale, epochs) = CheckedBlock.Read(reader, "the header", block =>
                (block.ReadString(), block.ReadInt32(), new LossScale(block.ReadDouble(), block.ReadInt32()), ReadEpochs(block)));
            if (savedRun != run)
                throw new InvalidOperationException(
                    $"The checkpoint '{path}' belongs to another training. It was: {savedRun}. Now it is: {run}. " +
                    $"Delete the file to start afresh, or choose another {nameof(ImageClassificationOptions.WorkspacePath)}.");
            var optimizer = CheckedBlock.Read(reader, "the optimizer", block => block.ReadBytes((int)block.BaseStream.Length));
            return new Checkpoint(
                epochs, NetworkWeights.Read(reader), optimizer, lossScale, best, NetworkWeights.Read(reader));
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new InvalidOperationException(
                $"The checkpoint '{path}' cannot be used: {e.Message} Delete the file to start afresh.", e);
        }
    }

    /// <summary>Removes the checkpoint of a training that is complete.</summary>
    public static void Delete(string folder) => File.Delete(Path.Combine(folder, FileName));

    private static string Beside(string folder) => Path.Combine(folder, FileName + ".new");

    private void Write(Stream file, string run)
    {
        using var writer = new BinaryWriter(file, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        CheckedBlock.Write(writer, block =>
        {
            block.Write(run);
            block.Write(BestEpoch);
            block.Write(LossScale.Factor);
            block.Write(LossScale.GoodSteps);
            block.Write(Epochs.Count);
            foreach (var epoch in Epochs)
                Write(block, epoch);
        });
        CheckedBlock.Write(writer, block => block.Write(Optimizer));
        Weights.Write(writer);
        BestWeights.Write(writer);
    }

    private static void Write(BinaryWriter block, EpochMetrics epoch)
    {
        block.Write(epoch.Epoch);
        block.Write(epoch.Loss);
        block.Write(epoch.Accuracy);
        block.Write(epoch.ValidationLoss ?? double.NaN);
        block.Write(epoch.ValidationAccuracy ?? double.NaN);
        block.Write(epoch.LearningRate);
        block.Write(epoch.ImagesPerSecond);
        block.Write(epoch.Duration.Ticks);
    }

    private static EpochMetrics[] ReadEpochs(BinaryReader block) =>
        [.. Enumerable.Range(0, block.ReadInt32()).Select(_ => ReadEpoch(block))];

    private static EpochMetrics ReadEpoch(BinaryReader block) => new(
        block.ReadInt32(), block.ReadDouble(), block.ReadDouble(), OrNull(block.ReadDouble()), OrNull(block.ReadDouble()),
        block.ReadDouble(), block.ReadDouble(), new TimeSpan(block.ReadInt64()));

    private static double? OrNull(double value) => double.IsNaN(value) ? null : value;
}
