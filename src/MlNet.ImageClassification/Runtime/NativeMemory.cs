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

    private const long AllowedGrowth = 256L << 20;

    private static readonly Lazy<nint> C = new(LoadGlibc);
    private static readonly Lazy<bool> Kept = new(Apply);
    private static long _sizeAfterTrim;

    /// <summary>Changes the allocator's setting, once per process.</summary>
    /// <returns>Whether this process runs on glibc and took the setting.</returns>
    public static bool KeepFreedPages() => Kept.Value;

    /// <summary>
    /// Hands freed pages back after all, once the process has grown by half and 256 MiB since it was last asked: kept for ever, they
    /// become holes between tensors of other sizes. Handing them back costs a step about as much as mapping its memory anew.
    /// </summary>
    public static void TrimWhereGrown()
    {
        if (C.Value == 0)
            return;
        long size = Environment.WorkingSet;
        if (_sizeAfterTrim == 0)
            _sizeAfterTrim = size;
        if (size < _sizeAfterTrim + _sizeAfterTrim / 2 + AllowedGrowth)
            return;
        var trim = Marshal.GetDelegateForFunctionPointer<TrimHeap>(NativeLibrary.GetExport(C.Value, "malloc_trim"));
        trim(0);
        _sizeAfterTrim = Environment.WorkingSet;
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
