using System.Runtime.InteropServices;

namespace MlNet.ImageClassification;

/// <summary>
/// How glibc's allocator treats the pages that LibTorch frees: kept for the next step, handed back now and then. By default every large tensor is mapped afresh from the system
/// and handed back when freed, and clearing those pages takes a part of every training step on the CPU. Elsewhere than on
/// Linux with glibc this does nothing.
/// </summary>
internal static class NativeMemory
{
    // From glibc's malloc.h.
    private const int TrimThreshold = -1;
    private const int MappedRegionsMax = -4;

    private static readonly Lazy<nint> C = new(LoadGlibc);
    private static readonly Lazy<bool> Kept = new(Apply);

    /// <summary>Changes the allocator's setting, once per process.</summary>
    /// <returns>Whether this process runs on glibc and took the setting.</returns>
    public static bool KeepFreedPages() => Kept.Value;

    /// <summary>
    /// Hands freed pages back after all. Kept for ever, they become holes between tensors of other sizes: the optimizer's temporaries
    /// alone let a ResNet-18 grow from 0.4 to 3 GB in a hundred steps. Takes some milliseconds.
    /// </summary>
    public static void Trim()
    {
        if (C.Value == 0)
            return;
        var trim = Marshal.GetDelegateForFunctionPointer<TrimHeap>(NativeLibrary.GetExport(C.Value, "malloc_trim"));
        trim(0);
    }

    private static bool Apply()
    {
        if (C.Value == 0)
            return false;
        var setOption = Marshal.GetDelegateForFunctionPointer<SetOption>(NativeLibrary.GetExport(C.Value, "mallopt"));
        return setOption(MappedRegionsMax, 0) == 1 & setOption(TrimThreshold, int.MaxValue) == 1;
    }

    private static nint LoadGlibc() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out var libc) && NativeLibrary.TryGetExport(libc, "gnu_get_libc_version", out _)
            ? libc
            : 0;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SetOption(int option, int value);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int TrimHeap(nuint keep);
}
