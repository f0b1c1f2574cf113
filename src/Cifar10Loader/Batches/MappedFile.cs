using System.IO.MemoryMappedFiles;

namespace Cifar10Loader;

/// <summary>
/// A file mapped into memory for reading. The mapping lives as long as somebody holds this object: data views have no
/// Dispose, so the garbage collector unmaps.
/// </summary>
internal sealed unsafe class MappedFile : ByteSource
{
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    private MappedFile(string path, long length, MemoryMappedViewAccessor view)
        : base(path, length)
    {
        _view = view;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += view.PointerOffset;
    }

    ~MappedFile()
    {
        if (_start is not null)
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
    }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is empty.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static MappedFile Open(string path)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new FileNotFoundException($"'{path}' is missing.", path);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            // An empty file cannot be mapped.
            if (file.Length == 0)
                throw new InvalidDataException($"'{path}' is empty. Fetch or write the file again.");
            using MemoryMappedFile mapping = MemoryMappedFile.CreateFromFile(
                file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new MappedFile(
                path, file.Length, mapping.CreateViewAccessor(0, file.Length, MemoryMappedFileAccess.Read));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"'{path}' cannot be read: {e.Message}", e);
        }
    }

    public override byte this[long offset]
    {
        get
        {
            CheckRange(offset, 1);
            byte value = _start[offset];
            GC.KeepAlive(this);
            return value;
        }
    }

    public override void CopyTo(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        new ReadOnlySpan<byte>(_start + offset, destination.Length).CopyTo(destination);
        GC.KeepAlive(this);
    }
}
