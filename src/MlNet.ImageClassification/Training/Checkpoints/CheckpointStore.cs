namespace MlNet.ImageClassification;

/// <summary>The checkpoint of a workspace. While it is open no other training may use the folder.</summary>
internal sealed class CheckpointStore : IDisposable
{
    private const string FileName = "checkpoint.mlnetcnn";

    private readonly FileStream _lock;
    private readonly Lazy<Checkpoint?> _saved;

    private CheckpointStore(string folder, FileStream held)
    {
        (Folder, _lock) = (folder, held);
        _saved = new Lazy<Checkpoint?>(Load);
    }

    /// <summary>The workspace.</summary>
    public string Folder { get; }

    /// <summary>The seed of the training in the workspace; null when there is none.</summary>
    /// <exception cref="InvalidOperationException">The checkpoint is damaged.</exception>
    public int? SavedSeed => _saved.Value?.Seed;

    private string FilePath => Path.Combine(Folder, FileName);

    private string Beside => FilePath + ".new";

    /// <summary>Makes the workspace when it does not exist, and takes hold of it.</summary>
    /// <exception cref="InvalidOperationException">The workspace cannot be written, or another training uses it.</exception>
    public static CheckpointStore Open(string folder)
    {
        string lockPath = Path.Combine(folder, FileName + ".lock");
        try
        {
            Directory.CreateDirectory(folder);
            return new CheckpointStore(folder, new FileStream(
                lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose));
        }
        catch (IOException) when (File.Exists(lockPath))
        {
            throw new InvalidOperationException(
                $"{nameof(ImageClassificationOptions.WorkspacePath)} is '{folder}', which another training uses now; give each training a folder of its own.");
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            throw new InvalidOperationException(
                $"{nameof(ImageClassificationOptions.WorkspacePath)} is '{folder}'; no checkpoint can be written there: {e.Message}", e);
        }
    }

    /// <summary>Whether an exception tells of a full disk, a missing permission or the like.</summary>
    public static bool IsOfTheDisk(Exception e) => e is IOException or UnauthorizedAccessException;

    /// <summary>Writes a checkpoint beside the one before, then takes its place.</summary>
    public void Save(Checkpoint checkpoint)
    {
        try
        {
            using (var file = File.Create(Beside))
            {
                checkpoint.Write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(Beside, FilePath, overwrite: true);
        }
        catch
        {
            // Part of a checkpoint is of no use and may be what fills the disk.
            if (File.Exists(Beside))
                File.Delete(Beside);
            throw;
        }
    }

    /// <summary>The checkpoint from which a training goes on; null when it starts afresh.</summary>
    /// <param name="mode">What is wanted.</param>
    /// <param name="identity">The training that is about to begin.</param>
    /// <exception cref="InvalidOperationException">The checkpoint is damaged, is of another training, or is required and missing.</exception>
    public Checkpoint? Find(ResumeMode mode, TrainingIdentity identity)
    {
        if (mode == ResumeMode.Never)
            return null;
        if (_saved.Value is not { } checkpoint)
            return mode == ResumeMode.Auto
                ? null
                : throw new InvalidOperationException(
                    $"{nameof(ImageClassificationOptions.Resume)} is {mode}, but '{Folder}' has no checkpoint. Check " +
                    $"{nameof(ImageClassificationOptions.WorkspacePath)}, or set {nameof(ImageClassificationOptions.Resume)} to {ResumeMode.Auto}.");
        var differences = identity.DifferencesFrom(checkpoint.Identity);
        if (differences.Count == 0 || mode == ResumeMode.FromWeights)
            return checkpoint;
        // Whoever ran the other training has its result already.
        if (checkpoint.IsComplete && mode == ResumeMode.Auto)
            return null;
        throw new InvalidOperationException(
            $"The checkpoint '{FilePath}', {Quantity.Of(checkpoint.Epochs.Count, "epoch")} of a training, belongs to another training: " +
            $"{string.Join("; ", differences)}. Set {nameof(ImageClassificationOptions.Resume)} to {ResumeMode.FromWeights} to go on " +
            $"from its weights with these options, or to {ResumeMode.Never} (or delete the file) to start afresh, or choose another " +
            $"{nameof(ImageClassificationOptions.WorkspacePath)}. Where a cross-validation was cut short, it is of one fold: delete the file.");
    }

    public void Dispose() => _lock.Dispose();

    private Checkpoint? Load()
    {
        if (!File.Exists(FilePath))
            return null;
        try
        {
            using var file = File.OpenRead(FilePath);
            return Checkpoint.Read(file);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new InvalidOperationException($"The checkpoint '{FilePath}' cannot be used: {e.Message} Delete the file to start afresh.", e);
        }
    }
}
