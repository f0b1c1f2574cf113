using System.IO.Compression;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>A pipeline saved by <c>mlContext.Model.Save</c>, of which only this library's classifier is read.</summary>
internal sealed class ModelFile : WeightsFile
{
    /// <summary>The entry of a transformer in ML.NET's zip file, in a folder of its own.</summary>
    public const string EntryName = "Model.key";

    // ML.NET's header: who wrote the file, where its content begins, and, as a name of eight letters, what it is.
    private const int ContentPosition = 0x10;
    private const int SignaturePosition = 0x40;
    private const int HeaderBytes = 0x48;
    private const int FarthestContent = 1 << 16;

    private readonly ZipArchive _archive;
    private readonly NetworkWeights _weights;

    /// <summary>Reads the classifier.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or there is none or more than one.</exception>
    public ModelFile(string path, FileStream stream, ZipArchive archive)
        : base(path, stream)
    {
        _archive = archive;
        if (Classifiers() is not [var (definition, weights)])
            throw Unusable("it is a model of ML.NET, but not one with one classifier of this library.");
        (Architecture, _weights) = (definition.Architecture, weights);
        Normalization = definition.Normalization == ChannelNormalization.None ? null : definition.Normalization;
        Tensors = _weights.Describe();
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, TensorDescription> Tensors { get; }

    /// <inheritdoc/>
    public override bool IsPublished => false;

    /// <inheritdoc/>
    public override string? Architecture { get; }

    /// <inheritdoc/>
    public override Tensor Read(string name) => _weights.ToTensor(name);

    public override void Dispose()
    {
        _archive.Dispose();
        base.Dispose();
    }

    private (ModelDefinition Definition, NetworkWeights Weights)[] Classifiers()
    {
        try
        {
            return [.. _archive.Entries.Where(entry => entry.Name == EntryName).Select(TryRead).OfType<(ModelDefinition, NetworkWeights)>()];
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException or NotSupportedException)
        {
            throw Unusable(e.Message, e);
        }
    }

    private static (ModelDefinition, NetworkWeights)? TryRead(ZipArchiveEntry entry)
    {
        using var reader = new BinaryReader(entry.Open());
        byte[] header = reader.ReadBytes(HeaderBytes);
        if (header.Length < HeaderBytes || !header.AsSpan(SignaturePosition).SequenceEqual("IMGCLASS"u8))
            return null;
        long content = BitConverter.ToInt64(header, ContentPosition);
        if (content is < HeaderBytes or > FarthestContent)
            throw new EndOfStreamException($"the header of '{entry.FullName}' is damaged.");
        reader.ReadBytes((int)content - HeaderBytes);
        return ModelPayload.Read(reader);
    }
}
