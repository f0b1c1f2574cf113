using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace BuildLogic.Tests;

/// <summary>Reads from a compiled assembly which members it offers and which members of other assemblies it names.</summary>
internal sealed class AssemblyMembers : IDisposable
{
    private readonly PEReader _image;
    private readonly MetadataReader _metadata;
    private readonly SignatureText _text = new();

    public AssemblyMembers(string path)
    {
        _image = new PEReader(File.OpenRead(path));
        _metadata = _image.GetMetadataReader();
    }

    public void Dispose() => _image.Dispose();

    /// <summary>
    /// The members a caller outside could name: public and protected methods, constructors, properties, events and
    /// fields of visible types, each with the names under which compiled code refers to it. Left out are members that
    /// exist because something else demands them: overrides, interface implementations, enum values and constants,
    /// delegates, and what the compiler generates.
    /// </summary>
    public IEnumerable<(string Member, string[] References)> Offered()
    {
        foreach (var handle in _metadata.TypeDefinitions)
        {
            var type = _metadata.GetTypeDefinition(handle);
            if (!IsVisible(type) || IsGenerated(type.GetCustomAttributes()) || BaseName(type) is "System.Enum" or "System.MulticastDelegate")
                continue;
            var typeName = _text.GetTypeFromDefinition(_metadata, handle, 0);
            var accessors = new HashSet<MethodDefinitionHandle>();
            foreach (var propertyHandle in type.GetProperties())
            {
                var property = _metadata.GetPropertyDefinition(propertyHandle);
                var pair = property.GetAccessors();
                var methods = new[] { pair.Getter, pair.Setter }.Where(m => !m.IsNil).ToArray();
                accessors.UnionWith(methods);
                var callable = methods.Where(IsOffered).ToArray();
                // An attribute's properties are set by name in the attribute's blob, which holds no reference.
                if (callable.Length > 0 && !typeName.EndsWith("Attribute", StringComparison.Ordinal))
                    yield return ($"{typeName}.{_metadata.GetString(property.Name)}", [.. callable.Select(m => Reference(typeName, m))]);
            }
            foreach (var eventHandle in type.GetEvents())
            {
                var definition = _metadata.GetEventDefinition(eventHandle);
                var pair = definition.GetAccessors();
                accessors.UnionWith([pair.Adder, pair.Remover]);
                if (IsOffered(pair.Adder))
                    yield return ($"{typeName}.{_metadata.GetString(definition.Name)}", [Reference(typeName, pair.Adder), Reference(typeName, pair.Remover)]);
            }
            foreach (var method in type.GetMethods().Where(m => !accessors.Contains(m) && IsOffered(m)))
                yield return (Reference(typeName, method), [Reference(typeName, method)]);
            foreach (var fieldHandle in type.GetFields())
            {
                var field = _metadata.GetFieldDefinition(fieldHandle);
                var visible = (field.Attributes & FieldAttributes.FieldAccessMask)
                    is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;
                if (visible && (field.Attributes & FieldAttributes.Literal) == 0)
                    yield return ($"{typeName}.{_metadata.GetString(field.Name)}", [$"{typeName}.{_metadata.GetString(field.Name)}"]);
            }
        }
    }

    /// <summary>Every member of another assembly that this one names, and every member it implements or overrides.</summary>
    public IEnumerable<string> Referenced()
    {
        foreach (var handle in _metadata.MemberReferences)
        {
            var member = _metadata.GetMemberReference(handle);
            var parent = ParentName(member.Parent);
            if (parent is null)
                continue;
            var name = $"{parent}.{_metadata.GetString(member.Name)}";
            yield return member.GetKind() == MemberReferenceKind.Method
                ? name + SignatureText.Parameters(member.DecodeMethodSignature(_text, null))
                : name;
        }
        foreach (var handle in _metadata.TypeDefinitions)
        {
            var type = _metadata.GetTypeDefinition(handle);
            var bases = type.GetInterfaceImplementations().Select(i => _metadata.GetInterfaceImplementation(i).Interface).Append(type.BaseType);
            foreach (var name in bases.Where(b => !b.IsNil).Select(ParentName).OfType<string>())
                foreach (var method in type.GetMethods())
                    yield return $"{name}:{_metadata.GetString(_metadata.GetMethodDefinition(method).Name).Split('.')[^1]}";
        }
    }

    /// <summary>What <see cref="Referenced"/> says when a type outside implements or overrides a member of this name.</summary>
    public static string AsImplemented(string reference)
    {
        var nameEnd = reference.IndexOf('(') is var p and >= 0 ? p : reference.Length;
        var dot = reference.LastIndexOf('.', nameEnd - 1);
        return $"{reference[..dot]}:{reference[(dot + 1)..nameEnd]}";
    }

    private string Reference(string typeName, MethodDefinitionHandle handle)
    {
        var method = _metadata.GetMethodDefinition(handle);
        return $"{typeName}.{_metadata.GetString(method.Name)}{SignatureText.Parameters(method.DecodeSignature(_text, null))}";
    }

    private bool IsVisible(TypeDefinition type) => (type.Attributes & TypeAttributes.VisibilityMask) switch
    {
        TypeAttributes.Public => true,
        TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem
            => IsVisible(_metadata.GetTypeDefinition(type.GetDeclaringType())),
        _ => false,
    };

    private bool IsOffered(MethodDefinitionHandle handle)
    {
        if (handle.IsNil)
            return false;
        var method = _metadata.GetMethodDefinition(handle);
        var visible = (method.Attributes & MethodAttributes.MemberAccessMask)
            is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;
        var isVirtual = (method.Attributes & MethodAttributes.Virtual) != 0;
        var isOverride = isVirtual && (method.Attributes & MethodAttributes.NewSlot) == 0;
        var isImplementation = isVirtual && (method.Attributes & MethodAttributes.Final) != 0;
        var name = _metadata.GetString(method.Name);
        return visible && !isOverride && !isImplementation && name != ".cctor" && !IsGenerated(method.GetCustomAttributes())
            && !(isVirtual && ImplementsByName(_metadata.GetTypeDefinition(method.GetDeclaringType()), name));
    }

    private bool ImplementsByName(TypeDefinition type, string name) => type.GetInterfaceImplementations()
        .Select(i => _metadata.GetInterfaceImplementation(i).Interface)
        .Any(i => (i.Kind == HandleKind.TypeDefinition
                && _metadata.GetTypeDefinition((TypeDefinitionHandle)i).GetMethods().Any(m => _metadata.GetString(_metadata.GetMethodDefinition(m).Name) == name))
            || (name == "Dispose" && ParentName(i) == "System.IDisposable"));

    private bool IsGenerated(CustomAttributeHandleCollection attributes) => attributes.Any(a =>
        _metadata.GetCustomAttribute(a).Constructor is { Kind: HandleKind.MemberReference } constructor
        && ParentName(_metadata.GetMemberReference((MemberReferenceHandle)constructor).Parent) == "System.Runtime.CompilerServices.CompilerGeneratedAttribute");

    private string? BaseName(TypeDefinition type) => type.BaseType.IsNil ? null : ParentName(type.BaseType);

    /// <summary>The plain name of a type, without the arguments of a generic one.</summary>
    private string? ParentName(EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeReference => _text.GetTypeFromReference(_metadata, (TypeReferenceHandle)handle, 0),
        HandleKind.TypeDefinition => _text.GetTypeFromDefinition(_metadata, (TypeDefinitionHandle)handle, 0),
        HandleKind.TypeSpecification => _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(_text, null).Split('<')[0],
        _ => null,
    };

    /// <summary>Writes signatures as text, the same for a definition and for a reference to it.</summary>
    private sealed class SignatureText : ISignatureTypeProvider<string, object?>
    {
        public static string Parameters(MethodSignature<string> signature) => $"({string.Join(", ", signature.ParameterTypes)})";

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeDefinition(handle);
            var name = reader.GetString(type.Name);
            return type.GetDeclaringType() is { IsNil: false } outer
                ? $"{GetTypeFromDefinition(reader, outer, 0)}+{name}"
                : Join(reader.GetString(type.Namespace), name);
        }

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeReference(handle);
            var name = reader.GetString(type.Name);
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0)}+{name}"
                : Join(reader.GetString(type.Namespace), name);
        }

        public string GetTypeFromSpecification(MetadataReader reader, object? context, TypeSpecificationHandle handle, byte rawTypeKind)
            => reader.GetTypeSpecification(handle).DecodeSignature(this, context);

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();
        public string GetSZArrayType(string elementType) => elementType + "[]";
        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";
        public string GetByReferenceType(string elementType) => elementType + "&";
        public string GetPointerType(string elementType) => elementType + "*";
        public string GetPinnedType(string elementType) => elementType;
        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;
        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(",", typeArguments)}>";
        public string GetGenericTypeParameter(object? context, int index) => "!" + index;
        public string GetGenericMethodParameter(object? context, int index) => "!!" + index;
        public string GetFunctionPointerType(MethodSignature<string> signature) => $"fn{Parameters(signature)}";

        private static string Join(string space, string name) => space.Length == 0 ? name : $"{space}.{name}";
    }
}
