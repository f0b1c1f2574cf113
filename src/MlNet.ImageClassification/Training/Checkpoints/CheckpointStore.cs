using System.Globalization;

namespace MlNet.ImageClassification;

/// <summary>The checkpoints of a workspace, numbered in the order of their writing. While it is open no other training may use the folder.</summary>
internal sealed class CheckpointStore : IDisposable
{
    private readonly FileStream _lock;
    private readonly int _kept;
    private readonly TrainingLog _log;
    private readonly Lazy<(string Path, Checkpoint Checkpoint)?> _newest;

    private CheckpointStore(string folder, int kept, FileStream held, TrainingLog log)
    {
        (Folder, _kept, _lock, _log) = (folder, kept, held, log);
        _newest = new(Load);
    }

    /// <summary>The workspace.</summary>
    public string Folder { get; }

    /// <summary>Whether the newest checkpoint is of the training that runs.</summary>
    public bool GoesOn { get; private set; }

    /// <summary>The seed of the training in the workspace; null when there is none.</summary>
    /// <exception cref="InvalidOperationException">All checkpoints are damaged.</exception>
    public int? SavedSeed => _newest.Value?.Checkpoint.Seed;

    /// <summary>Makes the workspace when it does not exist, and takes hold of it.</summary>
    /// <param name="folder">The workspace.</param>
    /// <param name="kept">How many checkpoints are kept, the newest.</param>
    /// <param name="log">Told about damaged checkpoints.</param>
    /// <exception cref="InvalidOperationException">The workspace cannot be written, or another training uses it.</exception>
    public static CheckpointStore Open(string folder, int kept, TrainingLog log)
    {
        string lockPath = Path.Combine(folder, "workspace.lock");
        try
        {
            Directory.CreateDirectory(folder);
            return new CheckpointStore(folder, kept, new FileStream(
                lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose), log);
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

    /// <summary>Writes a checkpoint beside the others, then takes the place after them, and deletes those that are too many.</summary>
    public void Save(Checkpoint checkpoint)
    {
        int number = Files(Folder).LastOrDefault().Number;
        FileReplacement.Write(
            Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"checkpoint-{number + 1:d6}.mlnetcnn")), checkpoint.Write);
        foreach (string unfinished in Directory.GetFiles(Folder, "checkpoint-*.mlnetcnn" + FileReplacement.Unfinished))
            File.Delete(unfinished);
        // Those of another training are of no use to this one.
        foreach (var (_, old) in Files(Folder).SkipLast(GoesOn ? _kept : 1))
            File.Delete(old);
        GoesOn = true;
    }

    /// <summary>The checkpoint from which a training goes on; null when it starts afresh.</summary>
    /// <param name="mode">What is wanted.</param>
    /// <param name="identity">The training that is about to begin.</param>
    /// <exception cref="InvalidOperationException">The checkpoints are damaged, of another training, or required and missing.</exception>
    public Checkpoint? Find(ResumeMode mode, TrainingIdentity identity)
    {
        if (mode == ResumeMode.Never)
            return null;
        if (_newest.Value is not var (path, checkpoint))
            return mode == ResumeMode.Auto
                ? null
                : throw new InvalidOperationException(
                    $"{nameof(ImageClassificationOptions.Resume)} is {mode}, but '{Folder}' has no checkpoint. Check " +
                    $"{nameof(ImageClassificationOptions.WorkspacePath)}, or set {nameof(ImageClassificationOptions.Resume)} to {ResumeMode.Auto}.");
        var differences = identity.DifferencesFrom(checkpoint.Identity);
        if (differences.Count == 0 || mode == ResumeMode.FromWeights)
        {
            GoesOn = true;
            return checkpoint;
        }
        // Whoever ran the other training has its result already.
        if (checkpoint.IsComplete && mode == ResumeMode.Auto)
            return null;
        throw new InvalidOperationException(
            $"The checkpoint '{path}', {checkpoint.Progress} of a training, belongs to another training: " +
            $"{string.Join("; ", differences)}. Set {nameof(ImageClassificationOptions.Resume)} to {ResumeMode.FromWeights} to go on " +
            $"from its weights with these options, or to {ResumeMode.Never} (or delete the file) to start afresh, or choose another " +
            $"{nameof(ImageClassificationOptions.WorkspacePath)}. Where a cross-validation was cut short, it is of one fold: delete the file.");
    }

    /// <summary>The checkpoints of a folder by their numbers, the newest last.</summary>
    public static IReadOnlyList<(int Number, string Path)> Files(string folder) =>
    [
        .. from path in Directory.GetFiles(folder, "checkpoint-*.mlnetcnn")
           let number = int.TryParse(Path.GetFileNameWithoutExtension(path)["checkpoint-".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) ? parsed : -1
           where number >= 0
           orderby number
           select (number, path),
    ];

    public void Dispose() => _lock.Dispose();

    /// <summary>The newest whole checkpoint of a folder; null where it has none. The training may still run.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="log">Told about damaged checkpoints that are passed over.</param>
    /// <exception cref="InvalidDataException">All are damaged; the message is of the newest.</exception>
    public static (string Path, Checkpoint Checkpoint)? Newest(string folder, TrainingLog log)
    {
        InvalidDataException? damage = null;
        foreach (var (number, path) in Files(folder).Reverse())
        {
            try
            {
                var checkpoint = Read(path);
                if (damage is not null)
                    log.Warning($"{damage.Message} The one before, '{path}', is taken.");
                return (path, checkpoint);
            }
            catch (InvalidDataException e)
            {
                damage ??= e;
            }
            catch (FileNotFoundException) when (Files(folder).Any(found => found.Number > number))
            {
                // The training that runs has written another one meanwhile and deleted this.
                return Newest(folder, log);
            }
        }
        return damage is null ? null : throw damage;
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged or of another version of the library.</exception>
    public static Checkpoint Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no checkpoint '{path}'.", path);
        // The training may delete it meanwhile.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            return Checkpoint.Read(file);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new InvalidDataException($"The checkpoint '{path}' cannot be used: {e.Message}", e);
        }
    }

    private (string, Checkpoint)? Load()
    {
        try
        {
            return Newest(Folder, _log);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidOperationException(
                $"{e.Message} Delete " +
                (Files(Folder).Count == 1 ? "the file" : "it and those before it, which are damaged as well,") + " to start afresh.", e);
        }
    }
}
