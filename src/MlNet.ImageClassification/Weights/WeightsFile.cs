using System.IO.Compression;
using System.Security.Cryptography;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>A file of named tensors to start a network from.</summary>
/// <param name="path">The file.</param>
/// <param name="stream">Its content; taken over.</param>
internal abstract class WeightsFile(string path, FileStream stream) : IDisposable
{
    // The legacy format of torch.save: a pickle of protocol 2 that begins with a number of ten bytes.
    private static readonly byte[] LegacyTorchStart = [0x80, 0x02, 0x8a, 0x0a];

    private string? _sha256;

    /// <summary>The tensors by name.</summary>
    public abstract IReadOnlyDictionary<string, TensorDescription> Tensors { get; }

    /// <summary>Whether the tensors are as others publish them, rather than exactly those of a network of this library.</summary>
    public virtual bool IsPublished => true;

    /// <summary>Whether a classifier is among the tensors.</summary>
    public virtual bool HasClassifier => true;

    /// <summary>The network they are of, as its family writes it; null where the file does not tell.</summary>
    public virtual string? Architecture => null;

    /// <summary>What was done to the pixels in their training; null where nobody tells.</summary>
    public ChannelNormalization? Normalization { get; set; }

    /// <summary>The hash of the whole file, in lower-case hexadecimal digits.</summary>
    public string Sha256 => _sha256 ??= Hash();

    /// <summary>The length and the hash of the whole file, so that two files are told apart.</summary>
    public string Identity => FormattableString.Invariant($"{Stream.Length} bytes, SHA-256 {Sha256}");

    protected FileStream Stream { get; } = stream;

    /// <summary>Opens a file of any format that is read and checks what it tells about its tensors.</summary>
    /// <exception cref="InvalidDataException">It is of another format or damaged.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static WeightsFile Open(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            var start = new byte[4];
            stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            stream.Position = 0;
            if (start.AsSpan().SequenceEqual(LegacyTorchStart))
                throw Unusable(
                    path, "it is in PyTorch's format from before version 1.6. Write it anew: torch.save(torch.load(path, " +
                    "weights_only=True), path).");
            return start.AsSpan().SequenceEqual("PK\u0003\u0004"u8) ? OpenZip(path, stream) : new SafeTensorsFile(path, stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads the values of a tensor, in the type they are stored in.</summary>
    /// <exception cref="InvalidDataException">They are damaged.</exception>
    public abstract Tensor Read(string name);

    /// <summary>The exception for a file that cannot be used.</summary>
    /// <param name="reason">The end of the sentence "The weights file '...' cannot be used: ...".</param>
    /// <param name="inner">What told of it, if anything.</param>
    public InvalidDataException Unusable(string reason, Exception? inner = null) => Unusable(path, reason, inner);

    public virtual void Dispose() => Stream.Dispose();

    private static InvalidDataException Unusable(string path, string reason, Exception? inner = null) =>
        new($"The weights file '{path}' cannot be used: {reason}", inner);

    private static WeightsFile OpenZip(string path, FileStream stream)
    {
        ZipArchive archive;
        try
        {
            archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            // The list of entries is read when it is asked for.
            _ = archive.Entries;
        }
        catch (InvalidDataException e)
        {
            throw Unusable(path, $"it is a zip file that is cut short or damaged: {e.Message}", e);
        }
        if (archive.Entries.Any(entry => entry.Name == ModelFile.EntryName))
            return new ModelFile(path, stream, archive);
        if (archive.Entries.FirstOrDefault(entry => entry.Name == TorchFile.EntryName) is { } pickle)
            return new TorchFile(path, stream, archive, pickle);
        throw Unusable(
            path, "it is a zip file, but neither a PyTorch file nor a model of this library. Initial weights are a safetensors file, " +
            "what torch.save writes, or what mlContext.Model.Save writes.");
    }

    private string Hash()
    {
        Stream.Position = 0;
        return Convert.ToHexStringLower(SHA256.HashData(Stream));
    }
}

/// <summary>What a tensor in a file is.</summary>
/// <param name="Type">The type of its values.</param>
/// <param name="Shape">Its shape.</param>
internal record TensorDescription(ScalarType Type, long[] Shape);
