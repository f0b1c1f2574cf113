// An MSBuild task, compiled at build time by Publicizer.targets, which says what it is for.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

public sealed class PublicizeReferences : Task
{
    [Required] public ITaskItem[] References { get; set; }
    [Required] public ITaskItem[] Publicize { get; set; }
    [Required] public string OutputDirectory { get; set; }

    public override bool Execute()
    {
        foreach (var request in Publicize)
        {
            var source = References.Single(r => Path.GetFileNameWithoutExtension(r.ItemSpec) == request.ItemSpec).ItemSpec;
            var image = File.ReadAllBytes(source);
            MakePublic(image, source, Names(request, "Types"), Names(request, "Members"));
            if (Log.HasLoggedErrors)
                continue;
            Directory.CreateDirectory(OutputDirectory);
            File.WriteAllBytes(Path.Combine(OutputDirectory, Path.GetFileName(source)), image);
        }
        return !Log.HasLoggedErrors;
    }

    private static string[] Names(ITaskItem request, string metadata)
    {
        return request.GetMetadata(metadata).Split(';').Select(n => n.Trim()).Where(n => n.Length > 0).ToArray();
    }

    private void MakePublic(byte[] image, string source, string[] types, string[] members)
    {
        // The reader works on a copy: the patch changes the image under it.
        using (var pe = new PEReader(new MemoryStream((byte[])image.Clone())))
        {
            var patch = new VisibilityPatch(image, pe);
            foreach (var name in types)
                if (!patch.MakeTypePublic(name))
                    Log.LogError("Publicize: {0} has no type '{1}' ({2}).", Path.GetFileName(source), name, source);
            foreach (var name in members)
                if (!patch.MakeMemberPublic(name))
                    Log.LogError("Publicize: {0} has no member '{1}' ({2}).", Path.GetFileName(source), name, source);
        }
    }

    /// <summary>Sets visibility bits in the metadata tables of an assembly image, in place.</summary>
    private sealed class VisibilityPatch
    {
        // Row layouts of ECMA-335 II.22: TypeDef begins with a 4-byte Flags column, Field with a 2-byte one,
        // and MethodDef has its 2-byte Flags after RVA (4) and ImplFlags (2).
        private const int MethodFlagsOffset = 6;

        private readonly byte[] _image;
        private readonly MetadataReader _metadata;
        private readonly int _metadataStart;
        private readonly Dictionary<string, TypeDefinitionHandle> _types;

        public VisibilityPatch(byte[] image, PEReader pe)
        {
            _image = image;
            _metadata = pe.GetMetadataReader();
            _metadataStart = pe.PEHeaders.MetadataStartOffset;
            _types = _metadata.TypeDefinitions.ToDictionary(FullName);
        }

        public bool MakeTypePublic(string name)
        {
            TypeDefinitionHandle handle;
            if (!_types.TryGetValue(name, out handle))
                return false;
            var nested = !_metadata.GetTypeDefinition(handle).GetDeclaringType().IsNil;
            SetBits(TableIndex.TypeDef, handle, 0, (int)TypeAttributes.VisibilityMask,
                (int)(nested ? TypeAttributes.NestedPublic : TypeAttributes.Public));
            return true;
        }

        public bool MakeMemberPublic(string name)
        {
            var constructor = name.EndsWith("..ctor", StringComparison.Ordinal);
            var dot = constructor ? name.Length - "..ctor".Length : name.LastIndexOf('.');
            TypeDefinitionHandle handle;
            if (dot < 0 || !_types.TryGetValue(name.Substring(0, dot), out handle))
                return false;
            var member = name.Substring(dot + 1);
            var type = _metadata.GetTypeDefinition(handle);
            var found = false;
            foreach (var method in type.GetMethods())
            {
                var methodName = _metadata.GetString(_metadata.GetMethodDefinition(method).Name);
                if (methodName != member && methodName != "get_" + member && methodName != "set_" + member)
                    continue;
                SetBits(TableIndex.MethodDef, method, MethodFlagsOffset,
                    (int)MethodAttributes.MemberAccessMask, (int)MethodAttributes.Public);
                found = true;
            }
            foreach (var field in type.GetFields())
            {
                if (_metadata.GetString(_metadata.GetFieldDefinition(field).Name) != member)
                    continue;
                SetBits(TableIndex.Field, field, 0, (int)FieldAttributes.FieldAccessMask, (int)FieldAttributes.Public);
                found = true;
            }
            return found;
        }

        // All visibility bits lie in the first byte of a Flags column.
        private void SetBits(TableIndex table, EntityHandle row, int columnOffset, int mask, int value)
        {
            var position = _metadataStart + _metadata.GetTableMetadataOffset(table)
                + (MetadataTokens.GetRowNumber(row) - 1) * _metadata.GetTableRowSize(table) + columnOffset;
            _image[position] = (byte)((_image[position] & ~mask) | value);
        }

        private string FullName(TypeDefinitionHandle handle)
        {
            var type = _metadata.GetTypeDefinition(handle);
            var name = _metadata.GetString(type.Name);
            if (!type.GetDeclaringType().IsNil)
                return FullName(type.GetDeclaringType()) + "+" + name;
            return type.Namespace.IsNil ? name : _metadata.GetString(type.Namespace) + "." + name;
        }
    }
}
