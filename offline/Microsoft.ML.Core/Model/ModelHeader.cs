using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>
/// The first 256 bytes of each component's entry in a model file. It says where the component's data, its strings
/// and its assembly's name are (all offsets count from the header's start), what the data is, and who can load it.
/// The layout is ML.NET's own.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = Size)]
internal struct ModelHeader
{
    public const int Size = 256;

    private const ulong HeadMark = 0x4C45444F4D004C4D; // "ML\0MODEL"
    private const ulong TailMark = 0x4D4C004D4F44454C; // the same, from the back
    private const uint FormatVersion = 0x00010002;
    private const uint OldestReadableFormat = 0x00010001;

    public ulong Signature;
    public uint VerWritten;
    public uint VerReadable;
    public long FpModel;
    public long CbModel;
    public long FpStringTable;
    public long CbStringTable;
    public long FpStringChars;
    public long CbStringChars;
    public ulong ModelSignature;
    public uint ModelVerWritten;
    public uint ModelVerReadable;
    public LoaderName Loader;
    public LoaderName LoaderAlternative;
    public long FpTail;
    public long FpLim;
    public long FpAssemblyName;
    public uint CbAssemblyName;

    /// <summary>A loader signature: up to 24 one-byte characters.</summary>
    [InlineArray(3)]
    public struct LoaderName
    {
        private ulong _first;

        public static LoaderName From(string name)
        {
            LoaderName packed = default;
            PackAscii(name ?? "", 24).CopyTo((Span<ulong>)packed);
            return packed;
        }

        public override readonly string ToString()
        {
            ReadOnlySpan<ulong> words = this;
            return Encoding.Latin1.GetString(MemoryMarshal.AsBytes(words)).TrimEnd('\0');
        }
    }

    public static ulong[] PackAscii(string text, int capacity)
    {
        Contracts.Check(text.Length <= capacity, $"'{text}' is longer than {capacity} characters");
        Contracts.Check(text.All(c => c <= 0xFF), $"'{text}' has characters that do not fit into one byte");
        var words = new ulong[capacity / sizeof(ulong)];
        Encoding.Latin1.GetBytes(text, MemoryMarshal.AsBytes(words.AsSpan()));
        return words;
    }

    /// <summary>Leaves room for the header, which can only be written at the end.</summary>
    public static ModelHeader BeginWrite(BinaryWriter writer, out long start)
    {
        start = writer.BaseStream.Position;
        writer.Write(new byte[Size]);
        return new ModelHeader
        {
            Signature = HeadMark,
            VerWritten = FormatVersion,
            VerReadable = FormatVersion,
            FpModel = Size,
        };
    }

    public void SetVersionInfo(VersionInfo version)
    {
        ModelSignature = version.ModelSignature;
        ModelVerWritten = version.VerWrittenCur;
        ModelVerReadable = version.VerReadableCur;
        Loader = LoaderName.From(version.LoaderSignature);
        LoaderAlternative = LoaderName.From(version.LoaderSignatureAlt);
    }

    public void EndWrite(BinaryWriter writer, long start, IReadOnlyList<string> strings, string assemblyName)
    {
        Contracts.Check(CbModel == 0, "The model has been finished before");
        CbModel = Offset() - FpModel;
        if (strings.Count > 0)
        {
            FpStringTable = Offset();
            long end = 0;
            foreach (string text in strings)
                writer.Write(end += text.Length * sizeof(char));
            CbStringTable = strings.Count * sizeof(long);
            FpStringChars = Offset();
            foreach (string text in strings)
                writer.Write(MemoryMarshal.AsBytes(text.AsSpan()));
            CbStringChars = end;
        }
        if (!string.IsNullOrEmpty(assemblyName))
        {
            FpAssemblyName = Offset();
            CbAssemblyName = (uint)(assemblyName.Length * sizeof(char));
            writer.Write(MemoryMarshal.AsBytes(assemblyName.AsSpan()));
        }
        FpTail = Offset();
        writer.Write(TailMark);
        FpLim = Offset();

        writer.Flush();
        writer.BaseStream.Position = start;
        writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<ModelHeader>(in this)));
        writer.Flush();
        writer.BaseStream.Position = start + FpLim;

        long Offset() => writer.BaseStream.Position - start;
    }

    /// <summary>Reads and checks the header, and stops at the component's own data.</summary>
    public static ModelHeader BeginRead(
        BinaryReader reader, out long start, out string[] strings, out string assemblyName)
    {
        var stream = reader.BaseStream;
        start = stream.Position;
        ModelHeader header = default;
        var bytes = MemoryMarshal.AsBytes(new Span<ModelHeader>(ref header));
        Contracts.CheckDecode(stream.ReadAtLeast(bytes, Size, throwOnEndOfStream: false) == Size, "Wrong file type");
        header.Validate(stream.Length - start);

        strings = new string[header.CbStringTable / sizeof(long)];
        stream.Position = start + header.FpStringTable;
        var ends = new long[strings.Length];
        for (int i = 0; i < ends.Length; i++)
        {
            ends[i] = reader.ReadInt64();
            long length = ends[i] - (i == 0 ? 0 : ends[i - 1]);
            Contracts.CheckDecode(
                length >= 0 && length % sizeof(char) == 0 && ends[i] <= header.CbStringChars,
                "Corrupt string table in model file");
        }
        stream.Position = start + header.FpStringChars;
        for (int i = 0; i < strings.Length; i++)
            strings[i] = ReadText(ends[i] - (i == 0 ? 0 : ends[i - 1]));

        stream.Position = start + header.FpAssemblyName;
        assemblyName = header.FpAssemblyName == 0 ? null : ReadText(header.CbAssemblyName);

        stream.Position = start + header.FpTail;
        Contracts.CheckDecode(reader.ReadUInt64() == TailMark, "Corrupt model file tail");
        stream.Position = start + header.FpModel;
        return header;

        string ReadText(long byteCount) => Encoding.Unicode.GetString(reader.ReadBytes(checked((int)byteCount)));
    }

    public readonly void CheckVersionInfo(VersionInfo version)
    {
        Contracts.CheckDecode(ModelSignature == version.ModelSignature, "Unknown file type");
        Contracts.CheckDecode(ModelVerReadable <= ModelVerWritten, "Corrupt file header");
        var library = typeof(VersionInfo).Assembly.GetName().Version;
        if (ModelVerReadable > version.VerWrittenCur)
            throw Contracts.ExceptDecode(
                $"Cause: ML.NET {library} cannont read component '{version.LoaderSignature}' of the model, because "
                + $"the model is too new.\nSuggestion: Make sure the model is trained with ML.NET {library} or "
                + $"older.\nDebug details: Maximum expected version {ModelVerReadable}, got {version.VerWrittenCur}.");
        if (ModelVerWritten < version.VerWeCanReadBack)
            throw Contracts.ExceptDecode(
                $"Cause: ML.NET {library} cannot read component '{version.LoaderSignature}' of the model, because "
                + $"the model is too old.\nSuggestion: Make sure the model is trained with ML.NET {library}.\n"
                + $"Debug details: Minimum expected version {ModelVerReadable}, got {version.VerWrittenCur}.");
    }

    /// <summary>Everything lies in one place only: header, data, string table, strings, assembly name, tail.</summary>
    private readonly void Validate(long available)
    {
        Contracts.CheckDecode(Signature == HeadMark, "Wrong file type");
        Contracts.CheckDecode(VerReadable <= VerWritten, "Corrupt file header");
        Contracts.CheckDecode(VerReadable <= FormatVersion, "File is too new");
        Contracts.CheckDecode(VerWritten >= OldestReadableFormat, "File is too old");

        bool hasStrings = FpStringTable != 0;
        bool hasAssemblyName = VerWritten >= FormatVersion && FpAssemblyName != 0;
        long afterModel = FpModel + CbModel;
        long afterStrings = hasStrings ? FpStringChars + CbStringChars : afterModel;
        long afterName = hasAssemblyName ? FpAssemblyName + CbAssemblyName : afterStrings;
        bool sound = FpModel == Size && CbModel >= 0
            && (hasStrings
                ? FpStringTable == afterModel && CbStringTable > 0 && CbStringTable % sizeof(long) == 0
                    && FpStringChars == FpStringTable + CbStringTable && CbStringChars >= 0
                : CbStringTable == 0 && FpStringChars == 0 && CbStringChars == 0)
            && (!hasAssemblyName || (FpAssemblyName == afterStrings && CbAssemblyName % sizeof(char) == 0))
            && FpTail == afterName
            && FpLim == FpTail + sizeof(ulong)
            && FpLim <= available;
        Contracts.CheckDecode(sound, "Corrupt file header");
    }
}
