using System.Linq.Expressions;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A member of a class as a column: reads the column out of objects, and writes it into them.</summary>
internal abstract class MemberColumn<TRow>
{
    protected MemberColumn(MemberInfo member, SchemaDefinition.Column definition)
    {
        Member = member;
        Definition = definition;
    }

    public MemberInfo Member { get; }

    public SchemaDefinition.Column Definition { get; }

    public static MemberColumn<TRow>[] CreateAll(SchemaDefinition definition) => [.. definition.Select(Create)];

    /// <summary>A getter of the column over the object that is current at each call.</summary>
    public abstract Delegate NewGetter(Func<TRow> current);

    /// <summary>What writes the values of a row's column into an object.</summary>
    public abstract Action<TRow> NewSetter(DataViewRow row, DataViewSchema.Column column);

    private static MemberColumn<TRow> Create(SchemaDefinition.Column definition)
    {
        const string Param = "userSchemaDefinition";
        var member = (MemberInfo)typeof(TRow).GetField(definition.MemberName)
            ?? typeof(TRow).GetProperty(definition.MemberName)
            ?? throw Contracts.ExceptParam(
                Param, $"No field or property with name '{definition.MemberName}' found in type '{typeof(TRow).FullName}'");
        var type = member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;
        var (itemType, isVector) = MemberTypes.Map(type);
        bool wantsVector = definition.ColumnType is VectorDataViewType;
        Contracts.CheckParam(
            isVector == wantsVector,
            Param,
            $"Column '{definition.ColumnName}' is supposed to be {Name(wantsVector)}, but type of associated field "
            + $"'{definition.MemberName}' is {Name(isVector)}");
        var columnItemType = definition.ColumnType.GetItemType().RawType;
        Contracts.CheckParam(
            columnItemType == itemType,
            Param,
            $"Column '{definition.ColumnName}' is supposed to have item type {columnItemType}, but associated field has "
            + $"type {itemType}");

        var (conversion, arguments) =
            type == typeof(string) ? (typeof(TextConversion), Array.Empty<Type>())
            : type == typeof(string[]) ? (typeof(TextArrayConversion), [])
            : type.IsArray ? (typeof(ArrayConversion<>), [itemType])
            : isVector ? (typeof(VectorConversion<>), [itemType])
            : definition.ColumnType is KeyDataViewType ? (typeof(KeyConversion<>), [itemType])
            : (typeof(SameConversion<>), new[] { itemType });
        if (arguments.Length > 0)
            conversion = conversion.MakeGenericType(arguments);
        return (MemberColumn<TRow>)Activator.CreateInstance(
            typeof(MemberColumn<,,>).MakeGenericType(typeof(TRow), type, definition.ColumnType.RawType),
            member,
            definition,
            conversion.GetConstructor([typeof(DataViewType)]) is { } ofType
                ? ofType.Invoke([definition.ColumnType])
                : Activator.CreateInstance(conversion));

        static string Name(bool isVector) => isVector ? "vector" : "scalar";
    }
}

internal sealed class MemberColumn<TRow, TMember, TValue> : MemberColumn<TRow>
{
    private readonly IConversion<TMember, TValue> _conversion;
    private readonly Lazy<Func<TRow, TMember>> _read;
    private readonly Lazy<Action<TRow, TMember>> _write;

    public MemberColumn(
        MemberInfo member, SchemaDefinition.Column definition, IConversion<TMember, TValue> conversion)
        : base(member, definition)
    {
        _conversion = conversion;
        var row = Expression.Parameter(typeof(TRow));
        var value = Expression.Parameter(typeof(TMember));
        var access = Expression.MakeMemberAccess(row, member);
        _read = new(() => Expression.Lambda<Func<TRow, TMember>>(access, row).Compile());
        _write = new(() =>
            Expression.Lambda<Action<TRow, TMember>>(Expression.Assign(access, value), row, value).Compile());
    }

    public override Delegate NewGetter(Func<TRow> current)
    {
        // A definition may name any type, but of those that are not built in only the registered ones can be read.
        var type = Definition.ColumnType;
        bool isBuiltIn = ColumnTypeExtensions.PrimitiveTypeOrNull(type.GetItemType().RawType) is not null;
        if (!isBuiltIn && !DataViewTypeManager.Knows(type))
            throw new NotSupportedException($"Type '{typeof(TMember).FullName}' is not yet supported.");
        var read = _read.Value;
        return (ValueGetter<TValue>)((ref TValue value) => _conversion.Load(read(current()), ref value));
    }

    public override Action<TRow> NewSetter(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<TValue>(column);
        var write = _write.Value;
        // An array of the right size that the object has already is filled again.
        var read = Member is FieldInfo or PropertyInfo { CanRead: true } ? _read.Value : _ => default;
        TValue value = default;
        return target =>
        {
            getter(ref value);
            var content = read(target);
            _conversion.Store(in value, ref content);
            write(target, content);
        };
    }
}

/// <summary>Between a member's type and its column's.</summary>
internal interface IConversion<TMember, TValue>
{
    void Load(TMember source, ref TValue value);

    void Store(in TValue value, ref TMember target);
}

internal sealed class SameConversion<T> : IConversion<T, T>
{
    public void Load(T source, ref T value) => value = source;

    public void Store(in T value, ref T target) => target = value;
}

/// <summary>Objects count from 0, columns from 1 and keep 0 for what is missing. Written back, a key stays as it is.</summary>
internal sealed class KeyConversion<T> : IConversion<T, T>
{
    private readonly ulong _count;

    public KeyConversion(DataViewType type) => _count = type.GetKeyCount();

    public void Load(T source, ref T value)
    {
        ulong index = Convert.ToUInt64(source);
        value = (T)Convert.ChangeType(index < _count ? index + 1 : 0, typeof(T));
    }

    public void Store(in T value, ref T target) => target = value;
}

internal sealed class TextConversion : IConversion<string, ReadOnlyMemory<char>>
{
    public void Load(string source, ref ReadOnlyMemory<char> value) => value = source.AsMemory();

    public void Store(in ReadOnlyMemory<char> value, ref string target) => target = value.ToString();
}

internal sealed class ArrayConversion<T> : IConversion<T[], VBuffer<T>>
{
    public void Load(T[] source, ref VBuffer<T> value)
    {
        var editor = VBufferEditor.Create(ref value, source?.Length ?? 0);
        source.CopyTo(editor.Values);
        value = editor.Commit();
    }

    public void Store(in VBuffer<T> value, ref T[] target)
    {
        // An object without an array keeps none for an empty vector.
        if ((target?.Length ?? 0) != value.Length)
            target = new T[value.Length];
        if (value.Length > 0)
            value.CopyTo(target);
    }
}

internal sealed class TextArrayConversion : IConversion<string[], VBuffer<ReadOnlyMemory<char>>>
{
    public void Load(string[] source, ref VBuffer<ReadOnlyMemory<char>> value)
    {
        var editor = VBufferEditor.Create(ref value, source?.Length ?? 0);
        for (int i = 0; i < editor.Values.Length; i++)
            editor.Values[i] = source[i].AsMemory();
        value = editor.Commit();
    }

    public void Store(in VBuffer<ReadOnlyMemory<char>> value, ref string[] target)
    {
        if ((target?.Length ?? 0) != value.Length)
            target = new string[value.Length];
        int i = 0;
        foreach (var text in value.DenseValues())
            target[i++] = text.ToString();
    }
}

internal sealed class VectorConversion<T> : IConversion<VBuffer<T>, VBuffer<T>>
{
    public void Load(VBuffer<T> source, ref VBuffer<T> value) => source.CopyTo(ref value);

    public void Store(in VBuffer<T> value, ref VBuffer<T> target) => value.CopyTo(ref target);
}
