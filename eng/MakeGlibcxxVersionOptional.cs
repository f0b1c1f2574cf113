// An MSBuild task, compiled at build time by OlderLinux.targets, which says what it is for.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies a shared library and marks one version that it needs as weak, so that the loader does without it. Writes nothing
/// unless every symbol bound to that version is the named one, undefined.
/// </summary>
public sealed class MakeGlibcxxVersionOptional : Task
{
    [Required] public ITaskItem[] Source { get; set; }
    [Required] public string Destination { get; set; }
    [Required] public string Version { get; set; }
    [Required] public string UnusedSymbol { get; set; }

    public override bool Execute()
    {
        var source = Source[0].ItemSpec;
        var image = File.ReadAllBytes(source);
        if (File.Exists(Destination))
            File.Delete(Destination);
        if (!SharedLibrary.TryMakeWeak(image, Version, UnusedSymbol))
        {
            Log.LogMessage(MessageImportance.High, "{0} is not built as expected and is used as it is.", source);
            return true;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        File.WriteAllBytes(Destination, image);
        Log.LogMessage(MessageImportance.High, "This system's libstdc++ lacks {0}: {1} is used in a copy that does without it.", Version, Path.GetFileName(source));
        return true;
    }

    /// <summary>The parts of a 64-bit little-endian ELF file that say which versions its symbols need (LSB Core, Symbol Versioning).</summary>
    private sealed class SharedLibrary
    {
        private const uint DynamicSymbols = 11, VersionsNeeded = 0x6ffffffe, SymbolVersions = 0x6fffffff;
        private const int SectionHeaderSize = 64, SymbolSize = 24;
        private const byte WeakVersion = 2;

        private readonly byte[] _image;

        private SharedLibrary(byte[] image) { _image = image; }

        public static bool TryMakeWeak(byte[] image, string version, string unusedSymbol)
        {
            var isElf64 = image.Length > SectionHeaderSize && image[0] == 0x7f && image[1] == 'E' && image[2] == 'L' && image[3] == 'F' && image[4] == 2 && image[5] == 1;
            try
            {
                return isElf64 && new SharedLibrary(image).TryMakeWeak(version, unusedSymbol);
            }
            catch (Exception e) when (e is ArgumentException || e is IndexOutOfRangeException || e is OverflowException)
            {
                // An offset that leads out of the file.
                return false;
            }
        }

        private bool TryMakeWeak(string version, string unusedSymbol)
        {
            Section needed = null, symbols = null, symbolVersions = null;
            var sections = Sections();
            foreach (var section in sections)
            {
                if (section.Type == VersionsNeeded) needed = section;
                if (section.Type == DynamicSymbols) symbols = section;
                if (section.Type == SymbolVersions) symbolVersions = section;
            }
            if (needed == null || symbols == null || symbolVersions == null)
                return false;

            var strings = sections[symbols.Link].Offset;
            var entries = VersionEntries(needed).Where(entry => Text(sections[needed.Link].Offset + UInt32(entry + 8)) == version).ToList();
            if (entries.Count != 1)
                return false;
            var index = UInt16(entries[0] + 6);
            for (var i = 0; i < symbols.Size / SymbolSize; i++)
            {
                if ((UInt16(symbolVersions.Offset + 2 * i) & 0x7fff) != index)
                    continue;
                var symbol = symbols.Offset + i * SymbolSize;
                var isUndefined = UInt16(symbol + 6) == 0;
                if (!isUndefined || Text(strings + UInt32(symbol)) != unusedSymbol)
                    return false;
            }
            _image[entries[0] + 4] |= WeakVersion;
            return true;
        }

        private List<Section> Sections()
        {
            var table = Int(BitConverter.ToUInt64(_image, 40));
            var sections = new List<Section>();
            for (var i = 0; i < UInt16(60); i++)
            {
                var header = table + i * SectionHeaderSize;
                sections.Add(new Section
                {
                    Type = BitConverter.ToUInt32(_image, header + 4),
                    Offset = Int(BitConverter.ToUInt64(_image, header + 24)),
                    Size = Int(BitConverter.ToUInt64(_image, header + 32)),
                    Link = UInt32(header + 40),
                });
            }
            return sections;
        }

        // A list of libraries (Verneed), each with a list of versions (Vernaux); links are relative, 0 ends a list.
        private IEnumerable<int> VersionEntries(Section needed)
        {
            for (int library = needed.Offset, next; ; library += next)
            {
                for (int entry = library + UInt32(library + 8), step; ; entry += step)
                {
                    yield return entry;
                    step = UInt32(entry + 12);
                    if (step == 0)
                        break;
                }
                next = UInt32(library + 12);
                if (next == 0)
                    yield break;
            }
        }

        private string Text(int start)
        {
            return Encoding.ASCII.GetString(_image, start, Array.IndexOf(_image, (byte)0, start) - start);
        }

        private int UInt16(int offset) { return BitConverter.ToUInt16(_image, offset); }

        private int UInt32(int offset) { return Int(BitConverter.ToUInt32(_image, offset)); }

        private static int Int(ulong value) { return checked((int)value); }

        private sealed class Section
        {
            public uint Type;
            public int Offset, Size, Link;
        }
    }
}
