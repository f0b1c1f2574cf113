using System.Text;

namespace Cifar10Loader;

/// <summary>Bytes of a pickle: left in the file where the pickle has them raw, decoded where it has not.</summary>
internal sealed class PickledBytes
{
    private readonly ByteSource? _file;
    private readonly long _offset;
    private readonly byte[] _decoded = [];

    public PickledBytes(ByteSource file, long offset, long length)
    {
        _file = file;
        _offset = offset;
        Length = length;
    }

    public PickledBytes(byte[] decoded)
    {
        _decoded = decoded;
        Length = decoded.Length;
    }

    public long Length { get; }

    /// <summary>Copies from <paramref name="start"/> on, as many bytes as the destination takes.</summary>
    public void CopyTo(long start, Span<byte> destination)
    {
        if (_file is null)
            _decoded.AsSpan(checked((int)start), destination.Length).CopyTo(destination);
        else
            _file.CopyTo(_offset + start, destination);
    }

    /// <summary>The text, one character per byte: how Python 2 pickled its strings.</summary>
    public string Latin1Text()
    {
        var bytes = new byte[checked((int)Length)];
        CopyTo(0, bytes);
        return Encoding.Latin1.GetString(bytes);
    }
}
