using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Fills objects of a class from rows of a schema. What does not fit is found when the two are bound.</summary>
internal sealed class ObjectWriter<TRow>
{
    private readonly List<(MemberColumn<TRow> Member, DataViewSchema.Column Column)> _bindings = [];

    public ObjectWriter(
        IExceptionContext context, DataViewSchema schema, bool ignoreMissingColumns, SchemaDefinition definition)
    {
        definition ??= SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Write);
        foreach (var member in MemberColumn<TRow>.CreateAll(definition))
        {
            string name = member.Definition.ColumnName;
            if (schema.GetColumnOrNull(name) is { } column)
            {
                CheckFits(context, column, member.Member);
                _bindings.Add((member, column));
            }
            else if (!ignoreMissingColumns)
            {
                throw context.ExceptSchemaMismatch("Schema", "", name);
            }
        }
    }

    /// <summary>The columns that have a member.</summary>
    public IEnumerable<DataViewSchema.Column> Columns => _bindings.Select(binding => binding.Column);

    public Action<TRow> Bind(DataViewRow row)
    {
        Action<TRow>[] setters = [.. _bindings.Select(binding => binding.Member.NewSetter(row, binding.Column))];
        return target =>
        {
            foreach (var set in setters)
                set(target);
        };
    }

    private static void CheckFits(IExceptionContext context, DataViewSchema.Column column, MemberInfo member)
    {
        var memberType = member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;
        var (itemType, isVector) = MemberTypes.Map(memberType);
        context.Check(
            isVector == column.Type is VectorDataViewType && column.Type.GetItemType().RawType == itemType,
            $"Can't bind the IDataView column '{column.Name}' of type '{column.Type}' to field or property "
            + $"'{member.Name}' of type '{memberType.FullName}'.");
    }
}
