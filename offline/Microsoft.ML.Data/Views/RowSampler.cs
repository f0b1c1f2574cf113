using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// Gives every row a number between 0 and 1 that decides which part of a split it goes to: a random one, or one
/// computed from the sampling key column, so that rows with equal keys stay together.
/// </summary>
internal abstract class RowSampler
{
    private const int DefaultRandomSeed = 42;
    private const int DefaultHashSeed = 314489979;

    /// <summary>The column the number is computed from, or null.</summary>
    public DataViewSchema.Column? KeyColumn { get; private init; }

    /// <summary>A function that gives the number of the cursor's current row; NaN for a row that goes nowhere.</summary>
    public abstract Func<double> Open(DataViewRowCursor cursor);

    public static RowSampler Create(IHostEnvironment env, IDataView data, string samplingKeyColumn, int? seed)
    {
        seed ??= ((IHostEnvironmentInternal)env).Seed;
        if (samplingKeyColumn == null)
            return new RandomSampler(seed ?? DefaultRandomSeed);

        var column = data.Schema.GetColumnOrNull(samplingKeyColumn)
            ?? throw env.ExceptSchemaMismatch("samplingKeyColumn", "SamplingKeyColumn", samplingKeyColumn);
        if (column.Type == NumberDataViewType.Single)
            return RangeSampler<float>.Fit(data, column);
        if (column.Type == NumberDataViewType.Double)
            return RangeSampler<double>.Fit(data, column);
        if (column.Type is KeyDataViewType key)
            return (RowSampler)Activator.CreateInstance(typeof(KeySampler<>).MakeGenericType(key.RawType), column, key.Count);
        return new HashSampler(env, column, seed ?? DefaultHashSeed);
    }

    private sealed class RandomSampler(int seed) : RowSampler
    {
        public override Func<double> Open(DataViewRowCursor cursor)
        {
            var random = new TauswortheHybrid(seed);
            return () => random.NextSingle();
        }
    }

    /// <summary>Real numbers are spread over the range they have in the data.</summary>
    private sealed class RangeSampler<T>(DataViewSchema.Column column, T min, T scale) : RowSampler
        where T : struct, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        public static RowSampler Fit(IDataView data, DataViewSchema.Column column)
        {
            var min = T.PositiveInfinity;
            var max = T.NegativeInfinity;
            using var cursor = data.GetRowCursor([column]);
            var getter = cursor.GetGetter<T>(column);
            var value = T.Zero;
            while (cursor.MoveNext())
            {
                getter(ref value);
                if (value < min)
                    min = value;
                if (value > max)
                    max = value;
            }
            var scale = max > min ? T.One / (max - min) : T.Zero;
            return new RangeSampler<T>(column, T.IsZero(scale) ? T.Zero : min, scale) { KeyColumn = column };
        }

        public override Func<double> Open(DataViewRowCursor cursor)
        {
            var getter = cursor.GetGetter<T>(column);
            var value = T.Zero;
            return () =>
            {
                getter(ref value);
                return double.CreateChecked((value - min) * scale);
            };
        }
    }

    /// <summary>Keys are spread evenly in their order; a missing key goes nowhere.</summary>
    private sealed class KeySampler<T> : RowSampler
        where T : System.Numerics.IBinaryInteger<T>
    {
        private readonly ulong _count;

        public KeySampler(DataViewSchema.Column column, ulong count)
        {
            KeyColumn = column;
            _count = count;
        }

        public override Func<double> Open(DataViewRowCursor cursor)
        {
            var getter = cursor.GetGetter<T>(KeyColumn.Value);
            var value = T.Zero;
            return () =>
            {
                getter(ref value);
                var key = ulong.CreateChecked(value);
                return key == 0 || key > _count ? double.NaN : (key - 0.5) / _count;
            };
        }
    }

    /// <summary>All else is hashed; a missing value goes nowhere.</summary>
    private sealed class HashSampler : RowSampler
    {
        private readonly uint _seed;

        public HashSampler(IHostEnvironment env, DataViewSchema.Column column, int seed)
        {
            if (!RowHash.CanHash(column.Type))
            {
                throw env.ExceptSchemaMismatch("inputSchema", "input", column.Name,
                    "Key, Single, Double, text, Boolean or integer", column.Type.ToString());
            }
            KeyColumn = column;
            _seed = (uint)seed;
        }

        public override Func<double> Open(DataViewRowCursor cursor)
        {
            var hash = RowHash.Open(cursor, KeyColumn.Value, _seed);
            const int BitCount = 30;
            const uint Mask = (1u << BitCount) - 1;
            return () => hash() is { } value ? ((value & Mask) + 0.5) / (Mask + 1.0) : double.NaN;
        }
    }
}
