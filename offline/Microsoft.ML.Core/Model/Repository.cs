using System.IO.Compression;
using System.Reflection;

namespace Microsoft.ML.Runtime;

/// <summary>Writes a model file: a zip archive with one entry for each component.</summary>
internal sealed class RepositoryWriter : IDisposable
{
    private readonly ZipArchive _archive;
    private readonly HashSet<string> _names = [];
    private readonly Queue<Entry> _closed = [];

    public RepositoryWriter(Stream stream, IExceptionContext context)
    {
        context.CheckValue(stream, nameof(stream));
        Context = context;
        _archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        using var entry = CreateEntry("TrainingInfo", "Version.txt");
        using var writer = new StreamWriter(entry);
        writer.WriteLine(
            typeof(RepositoryWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
                ?.InformationalVersion);
    }

    public IExceptionContext Context { get; }

    /// <summary>
    /// A stream whose bytes become an entry after it is closed. An archive takes one entry at a time and from front
    /// to back, while components nest and write their headers last; so each is gathered in a file of its own.
    /// </summary>
    public Stream CreateEntry(string directory, string name)
    {
        WriteClosed();
        string path = Repository.PathOf(Context, directory, name);
        Context.CheckParam(_names.Add(path), nameof(name), $"Duplicate entry: '{path}'");
        return new Entry(this, path);
    }

    /// <summary>Completes the archive.</summary>
    public void Commit()
    {
        WriteClosed();
        _archive.Dispose();
    }

    /// <summary>Gives up an archive that was not completed. Throws nothing: what went wrong before must be told.</summary>
    public void Dispose()
    {
        while (_closed.TryDequeue(out var entry))
            entry.Delete();
        try
        {
            _archive.Dispose();
        }
        catch (Exception)
        {
            // The archive could not be written, which an exception told already.
        }
    }

    private void WriteClosed()
    {
        while (_closed.TryDequeue(out var entry))
        {
            try
            {
                using var target = _archive.CreateEntry(entry.Path).Open();
                entry.Position = 0;
                entry.CopyTo(target);
            }
            finally
            {
                entry.Delete();
            }
        }
    }

    /// <summary>Queues itself when it is closed: writing to the archive may fail, which closing must not.</summary>
    private sealed class Entry(RepositoryWriter repository, string path) : FileStream(System.IO.Path.GetTempFileName(), Repository.TemporaryFile)
    {
        private bool _queued;

        public string Path => path;

        public void Delete() => base.Dispose(true);

        protected override void Dispose(bool disposing)
        {
            if (!disposing)
                base.Dispose(false);
            else if (!_queued)
                repository._closed.Enqueue(this);
            _queued |= disposing;
        }
    }
}

/// <summary>Reads a model file.</summary>
internal sealed class RepositoryReader : IDisposable
{
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = [];

    public RepositoryReader(Stream stream, IExceptionContext context)
    {
        context.CheckValue(stream, nameof(stream));
        Context = context;
        try
        {
            _archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            foreach (var entry in _archive.Entries)
                _entries[entry.FullName.Replace('\\', '/')] = entry;
        }
        catch (InvalidDataException ex)
        {
            throw context.ExceptDecode(ex, "Failed to open a zip archive");
        }
    }

    public IExceptionContext Context { get; }

    public Stream OpenEntryOrNull(string directory, string name)
    {
        if (!_entries.TryGetValue(Repository.PathOf(Context, directory, name), out var entry))
            return null;
        // Components seek in their entries, which a compressed stream cannot do.
        var file = new FileStream(Path.GetTempFileName(), Repository.TemporaryFile);
        try
        {
            using var source = entry.Open();
            source.CopyTo(file);
            file.Position = 0;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _archive.Dispose();
}

internal static class Repository
{
    public static FileStreamOptions TemporaryFile => new()
    {
        Mode = FileMode.Create,
        Access = FileAccess.ReadWrite,
        Options = FileOptions.DeleteOnClose,
    };

    public static string PathOf(IExceptionContext context, string directory, string name)
    {
        context.CheckNonWhiteSpace(name, nameof(name));
        string path = Path.Combine(directory ?? "", name).Replace('\\', '/');
        context.CheckParam(!path.Contains("..") && !Path.IsPathRooted(path), nameof(name));
        return path;
    }
}
