using System.Numerics;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>MurmurHash3 (32 bits) of a column's values: text as UTF-8 without outer spaces, numbers by their bits.</summary>
internal static class RowHash
{
    public static bool CanHash(DataViewType type) =>
        type is TextDataViewType or BooleanDataViewType
        || (type is NumberDataViewType && type != NumberDataViewType.Single && type != NumberDataViewType.Double);

    /// <summary>A function that gives the hash of the cursor's current row; null for empty text.</summary>
    public static Func<uint?> Open(DataViewRowCursor cursor, DataViewSchema.Column column, uint seed)
    {
        if (column.Type is TextDataViewType)
        {
            var getText = cursor.GetGetter<ReadOnlyMemory<char>>(column);
            ReadOnlyMemory<char> text = default;
            return () =>
            {
                getText(ref text);
                return text.IsEmpty ? null : HashBytes(Encoding.UTF8.GetBytes(text.Trim(' ').ToString()), seed);
            };
        }
        if (column.Type is BooleanDataViewType)
        {
            var getFlag = cursor.GetGetter<bool>(column);
            var flag = false;
            return () =>
            {
                getFlag(ref flag);
                return Mix(TauswortheHybrid.MurmurRound(seed, flag ? 1u : 0u), sizeof(uint));
            };
        }

        return Generic.Call(OpenInteger<int>, column.Type.RawType, cursor, column, seed);
    }

    private static Func<uint?> OpenInteger<T>(DataViewRowCursor cursor, DataViewSchema.Column column, uint seed)
        where T : struct, IBinaryInteger<T>
    {
        var getter = cursor.GetGetter<T>(column);
        var value = T.Zero;
        var isLong = typeof(T) == typeof(long) || typeof(T) == typeof(ulong);
        return () =>
        {
            getter(ref value);
            var bits = ulong.CreateTruncating(value);
            var hash = TauswortheHybrid.MurmurRound(seed, (uint)bits);
            return isLong
                ? Mix(TauswortheHybrid.MurmurRound(hash, (uint)(bits >> 32)), sizeof(ulong))
                : Mix(hash, sizeof(uint));
        };
    }

    private static uint HashBytes(ReadOnlySpan<byte> bytes, uint seed)
    {
        var hash = seed;
        var whole = bytes.Length - bytes.Length % 4;
        for (var i = 0; i < whole; i += 4)
            hash = TauswortheHybrid.MurmurRound(hash, BitConverter.ToUInt32(bytes[i..]));

        var tail = 0u;
        for (var i = bytes.Length - 1; i >= whole; i--)
            tail = (tail << 8) | bytes[i];
        hash ^= BitOperations.RotateLeft(tail * 0xCC9E2D51, 15) * 0x1B873593;
        return Mix(hash, bytes.Length);
    }

    private static uint Mix(uint hash, int length)
    {
        hash ^= (uint)length;
        hash ^= hash >> 16;
        hash *= 0x85EBCA6B;
        hash ^= hash >> 13;
        hash *= 0xC2B2AE35;
        return hash ^ (hash >> 16);
    }
}
