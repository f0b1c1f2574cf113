using System.Runtime.InteropServices;

namespace MlNet.ImageClassification;

/// <summary>
/// Tells glibc's allocator to keep the pages LibTorch frees. By default every large tensor is mapped afresh from the system
/// and handed back when freed, and clearing those pages takes a part of every training step on the CPU. Elsewhere than on
/// Linux with glibc this does nothing.
/// </summary>
public static class NativeMemory
{
    // From glibc's malloc.h.
    private const int TrimThreshold = -1;
    private const int MappedRegionsMax = -4;

    private static readonly Lazy<bool> Kept = new(Apply);

    /// <summary>Changes the allocator's setting, once per process.</summary>
    /// <returns>Whether this process runs on glibc and took the setting.</returns>
    public static bool KeepFreedPages() => Kept.Value;

    private static bool Apply()
    {
        if (!OperatingSystem.IsLinux()
            || !NativeLibrary.TryLoad("libc.so.6", out var libc)
            || !NativeLibrary.TryGetExport(libc, "gnu_get_libc_version", out _)
            || !NativeLibrary.TryGetExport(libc, "mallopt", out var address))
            return false;

        var setOption = Marshal.GetDelegateForFunctionPointer<SetOption>(address);
        return setOption(MappedRegionsMax, 0) == 1 & setOption(TrimThreshold, int.MaxValue) == 1;
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SetOption(int option, int value);
}
