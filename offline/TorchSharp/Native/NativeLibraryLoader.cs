using System;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>Finds libLibTorchSharp.so and says plainly what was looked for where it is missing.</summary>
internal static class NativeLibraryLoader
{
    public const string LibraryName = "LibTorchSharp";

    private static readonly object Gate = new();
    private static IntPtr handle;

    public static void Register() => NativeLibrary.SetDllImportResolver(
        Assembly.GetExecutingAssembly(),
        (name, _, _) => name == LibraryName ? Load() : IntPtr.Zero);

    private static IntPtr Load()
    {
        lock (Gate)
        {
            if (handle != IntPtr.Zero) return handle;

            string file = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");
            try
            {
                return handle = NativeLibrary.Load(file);
            }
            catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
            {
                throw new NotSupportedException(
                    $"The native library '{file}' could not be loaded: {exception.Message.Trim()} " +
                    "It is built with offline/TorchSharp and needs LibTorch " +
                    "(Debian: apt-get install libtorch-dev libopenblas0-pthread). " +
                    "Build the application again, or put libLibTorchSharp.so at that path.",
                    exception);
            }
        }
    }
}
