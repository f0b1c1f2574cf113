using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;
using Tensorboard;

namespace MlNet.ImageClassification;

/// <summary>
/// A file of TensorBoard's events: TensorFlow's record format (a length, its masked CRC-32C, the event, its masked CRC-32C), each
/// event a protocol buffer. TorchSharp's own writer opens the file anew for each event and gives the first one a wrong time.
/// </summary>
internal sealed class EventFile : IDisposable
{
    // What readers look at first; since this version a file may end in the middle of a record.
    private const string Version = "brain.Event:2";
    private const uint MaskDelta = 0xa282ead8;

    private readonly FileStream _file;
    private bool _hasEvents;

    private EventFile(FileStream file)
    {
        _file = file;
        Append(new Event { FileVersion = Version });
    }

    /// <summary>Where the file is.</summary>
    public string Path => _file.Name;

    /// <summary>Makes the folder where there is none, and a file in it whose name no other training takes.</summary>
    /// <exception cref="InvalidOperationException">The folder cannot be written.</exception>
    public static EventFile Create(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            string start = System.IO.Path.Combine(
                folder, $"events.out.tfevents.{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}.{Environment.MachineName}.{Environment.ProcessId}.");
            int number = 0;
            while (File.Exists(start + number))
                number++;
            return new EventFile(new FileStream(start + number, FileMode.CreateNew, FileAccess.Write, FileShare.Read));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidOperationException(
                $"{nameof(ImageClassificationOptions.LogDirectory)} is '{folder}'; no events can be written there: {e.Message.TrimEnd('.')}. " +
                "Make the folder writable, name another one, or set null for no events.", e);
        }
    }

    /// <summary>Adds an event and hands it to the system, so that TensorBoard shows it at once.</summary>
    /// <exception cref="IOException">The disk is full, or the like.</exception>
    public void Write(Event @event)
    {
        _hasEvents = true;
        Append(@event);
    }

    /// <summary>Closes the file, and deletes one that no event came to.</summary>
    public void Dispose()
    {
        _file.Dispose();
        if (!_hasEvents)
            File.Delete(Path);
    }

    private void Append(Event @event)
    {
        @event.WallTime = (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds;
        byte[] data = @event.ToByteArray();
        var record = new byte[sizeof(ulong) + sizeof(uint) + data.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedChecksum(record.AsSpan(0, 8)));
        data.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), MaskedChecksum(data));
        _file.Write(record);
        _file.Flush();
    }

    // A checksum of data that holds checksums is weak; so it is rotated and shifted.
    private static uint MaskedChecksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
            crc = BitOperations.Crc32C(crc, b);
        return BitOperations.RotateRight(~crc, 15) + MaskDelta;
    }
}
