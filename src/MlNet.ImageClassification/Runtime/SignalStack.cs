using System.Runtime.InteropServices;

namespace MlNet.ImageClassification;

/// <summary>
/// Room for .NET's handler of SIGSEGV, which makes a NullReferenceException of a fault, on a thread that computes. Once a thread
/// has used the tiles of AMX, the kernel's frame of a signal fills the 16 KiB stack that .NET gives the handler, and a null
/// reference ends the process. See docs/amx-and-null-references.md.
/// </summary>
internal static class SignalStack
{
    // What .NET's 16 KiB leave beside the frame of a processor without tiles, rounded down; the handler was seen to take 6.5 KiB.
    private const nint HandlerSize = 12 * 1024;

    // Beside the frame, and so many times what the handler takes that there is no guard page, which malloc's memory cannot have.
    private const nint Size = 64 * 1024;

    private const string LibC = "libc";
    private const int MinimumSignalStackSize = 51; // AT_MINSIGSTKSZ: the largest frame on this processor, with all its state in use
    private const int BadAddress = 14; // EFAULT

    [ThreadStatic]
    private static bool s_ensured;

    // When a thread ends, after .NET's own clean-up, libc calls its own function free: no managed code could run there any more.
    private static readonly Lazy<uint> FreedWithThread = new(CreateKey);

    /// <summary>Gives the calling thread a larger stack for signals where the processor can outgrow the one it has.</summary>
    public static void Ensure()
    {
        if (s_ensured)
            return;
        if (OperatingSystem.IsLinux())
            Enlarge();
        s_ensured = true;
    }

    private static void Enlarge()
    {
        nint frame = getauxval(MinimumSignalStackSize);
        // Without a stack of their own the handlers run on the thread's, which has room.
        if (sigaltstack(0, out var old) != 0 || old.Flags != 0 || old.Size >= frame + HandlerSize)
            return;

        var larger = new Stack(malloc(frame + Size), 0, frame + Size);
        if (larger.Start == 0 || pthread_setspecific(FreedWithThread.Value, larger.Start) != 0)
            throw new OutOfMemoryException($"No memory for a thread's signal stack of {larger.Size} bytes.");
        if (sigaltstack(larger, 0) == 0 && IsDotNets(old))
            munmap(old.Start, old.Size);
    }

    // When a thread ends, .NET frees the stack it made only if that is the one in use. It counts the guard page as part of it,
    // which nobody else does; another's stack stays its owner's.
    private static bool IsDotNets(Stack stack) =>
        access(stack.Start, 0) != 0 && Marshal.GetLastPInvokeError() == BadAddress;

    private static uint CreateKey()
    {
        nint libC = NativeLibrary.Load(LibC, typeof(SignalStack).Assembly, null);
        return pthread_key_create(out uint key, NativeLibrary.GetExport(libC, "free")) == 0
            ? key
            : throw new InvalidOperationException("The process has no thread-specific key left (PTHREAD_KEYS_MAX).");
    }

    // stack_t of Linux.
    private readonly record struct Stack(nint Start, int Flags, nint Size);

    [DllImport(LibC)]
    private static extern nint getauxval(nint type);

    [DllImport(LibC)]
    private static extern int sigaltstack(nint none, out Stack current);

    [DllImport(LibC)]
    private static extern int sigaltstack(in Stack next, nint none);

    [DllImport(LibC)]
    private static extern nint malloc(nint size);

    [DllImport(LibC)]
    private static extern int munmap(nint address, nint size);

    [DllImport(LibC, SetLastError = true)]
    private static extern int access(nint path, int mode);

    [DllImport(LibC)]
    private static extern int pthread_key_create(out uint key, nint destructor);

    [DllImport(LibC)]
    private static extern int pthread_setspecific(uint key, nint value);
}
