namespace Microsoft.ML.Data;

/// <summary>The types a text column can be read as.</summary>
public enum DataKind : byte
{
    SByte = 1,
    Byte = 2,
    Int16 = 3,
    UInt16 = 4,
    Int32 = 5,
    UInt32 = 6,
    Int64 = 7,
    UInt64 = 8,
    Single = 9,
    Double = 10,
    String = 11,
    Boolean = 12,
    TimeSpan = 13,
    DateTime = 14,
    DateTimeOffset = 15,
}

internal static class DataKindExtensions
{
    private static readonly Type[] s_types =
    [
        typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long),
        typeof(ulong), typeof(float), typeof(double), typeof(ReadOnlyMemory<char>), typeof(bool), typeof(TimeSpan),
        typeof(DateTime), typeof(DateTimeOffset),
    ];

    public static Type ToType(this DataKind kind) => s_types[(int)kind - 1];

    public static DataKind FromType(Type type) => (DataKind)(Array.IndexOf(s_types, type) + 1);
}
