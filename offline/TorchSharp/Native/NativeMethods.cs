using System;
using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>A number crossing the boundary with its kind; see Number in offline/LibTorchSharp/Support.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct NativeNumber
{
    private const long Integer = 0, Floating = 1, Boolean = 2;

    public readonly long Kind;
    public readonly long Bits;

    private NativeNumber(long kind, long bits) => (Kind, Bits) = (kind, bits);

    public static NativeNumber Absent => new(-1, 0);
    public static NativeNumber Of(long value) => new(Integer, value);
    public static NativeNumber Of(double value) => new(Floating, BitConverter.DoubleToInt64Bits(value));
    public static NativeNumber Of(bool value) => new(Boolean, value ? 1 : 0);

    public bool IsIntegral => Kind == Integer;
    public bool IsBoolean => Kind == Boolean;
}

/// <summary>What a new tensor is made of; -1 means the default. See Options in Support.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeOptions
{
    public int DType;
    public int DeviceType;
    public int DeviceIndex;
    public int RequiresGrad;
}

/// <summary>One dimension of an index expression; see IndexItem in TensorShape.cpp.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeIndex
{
    public const long Absent = long.MinValue;

    public int Kind;
    public int Unused;
    public long Start;
    public long Stop;
    public long Step;
    public IntPtr Tensor;
}

/// <summary>
/// The exports of LibTorchSharp. Every argument is blittable, so a call costs a few nanoseconds; the few exports that
/// can neither fail, block nor run long skip the garbage collector's transition as well.
/// </summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = NativeLibraryLoader.LibraryName;

    static NativeMethods() => NativeLibraryLoader.Register();
}
