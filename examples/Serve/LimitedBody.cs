namespace ServeImages;

/// <summary>
/// A body of at most so many bytes. Kestrel's own limit ends the connection at once, and a sender in the middle of its body then
/// sees a broken connection rather than the reason; what is refused here is answered, and the rest of the body is let go by.
/// </summary>
internal sealed class LimitedBody(Stream body, long limit) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _read; set => throw new NotSupportedException(); }

    public static RefusedException TooLarge(long limit) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The body is larger than the {limit:N0} bytes that are accepted.");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await body.ReadAsync(buffer, cancellationToken);
        _read += read;
        return _read <= limit ? read : throw TooLarge(limit);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
