namespace Microsoft.ML.Data;

/// <summary>Says which fields of a text line fill the member it is put on.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property, AllowMultiple = false, Inherited = true)]
public sealed class LoadColumnAttribute : Attribute
{
    internal readonly TextLoader.Range[] Sources;

    public LoadColumnAttribute(int fieldIndex) => Sources = [new TextLoader.Range(fieldIndex)];

    public LoadColumnAttribute(int start, int end) => Sources = [new TextLoader.Range(start, end)];

    public LoadColumnAttribute(int[] columnIndexes) =>
        Sources = columnIndexes.Select(index => new TextLoader.Range(index)).ToArray();
}
