using System;

namespace TorchSharp;

/// <summary>A number with a type of its own. Kept on the managed side: it crosses the boundary by value.</summary>
public sealed class Scalar : IDisposable
{
    internal NativeNumber Number { get; }

    private Scalar(NativeNumber number) => Number = number;

    public static implicit operator Scalar(int value) => new(NativeNumber.Of((long)value));
    public static implicit operator Scalar(long value) => new(NativeNumber.Of(value));
    public static implicit operator Scalar(float value) => new(NativeNumber.Of((double)value));
    public static implicit operator Scalar(double value) => new(NativeNumber.Of(value));
    public static implicit operator Scalar(bool value) => new(NativeNumber.Of(value));

    public void Dispose()
    {
    }
}
