namespace Microsoft.ML.Runtime;

/// <summary>
/// ML.NET's random numbers: three Tausworthe generators and a linear congruential one, combined by exclusive or
/// (L'Ecuyer's taus88 with Howes and Thomas' hybrid), so that a seed shuffles and splits as in the real package.
/// </summary>
internal sealed class TauswortheHybrid : Random
{
    private uint _z1;
    private uint _z2;
    private uint _z3;
    private uint _z4;

    public TauswortheHybrid(int seed)
    {
        _z1 = (uint)seed;
        _z2 = MurmurRound(_z1, _z1);
        _z3 = MurmurRound(_z2, _z1);
        _z4 = MurmurRound(_z3, _z1);
    }

    public TauswortheHybrid(Random source)
    {
        _z1 = NextTauswortheSeed(source);
        _z2 = NextTauswortheSeed(source);
        _z3 = NextTauswortheSeed(source);
        _z4 = NextUInt32(source);
    }

    public override double NextDouble() => NextBits() / 4294967296.0;

    public override float NextSingle() => (NextBits() >> 9) / 8388608f;

    public override int Next()
    {
        uint bits = NextBits();
        // Clears the top bit by carrying it around: both halves of the range fold onto the non-negative numbers.
        return (int)(bits + (bits & 0x80000000u));
    }

    public override int Next(int maxValue)
    {
        Contracts.CheckParam(maxValue >= 0, nameof(maxValue), "maxValue must be non-negative");
        return (int)(((ulong)NextBits() * (ulong)maxValue) >> 32);
    }

    public override int Next(int minValue, int maxValue)
    {
        Contracts.CheckParam(
            minValue <= maxValue, nameof(minValue), "minValue must be less than or equal to maxValue.");
        return (int)((long)(NextDouble() * ((long)maxValue - minValue)) + minValue);
    }

    public override void NextBytes(byte[] buffer)
    {
        for (int i = 0; i < buffer.Length; i++)
            buffer[i] = (byte)Next();
    }

    private uint NextBits()
    {
        _z1 = TauswortheStep(_z1, 13, 19, 12, ~0x1u);
        _z2 = TauswortheStep(_z2, 2, 25, 4, ~0x7u);
        _z3 = TauswortheStep(_z3, 3, 11, 17, ~0xfu);
        _z4 = 1664525 * _z4 + 1013904223;
        return _z1 ^ _z2 ^ _z3 ^ _z4;
    }

    private static uint TauswortheStep(uint z, int s1, int s2, int s3, uint mask) =>
        ((z & mask) << s3) ^ (((z << s1) ^ z) >> s2);

    private static uint NextUInt32(Random source) => ((uint)source.Next(0x10000) << 16) | (uint)source.Next(0x10000);

    // Tausworthe generators get stuck near zero.
    private static uint NextTauswortheSeed(Random source)
    {
        uint seed;
        do
            seed = NextUInt32(source);
        while (seed < 128);
        return seed;
    }

    public static uint MurmurRound(uint hash, uint chunk)
    {
        chunk *= 0xCC9E2D51;
        chunk = uint.RotateLeft(chunk, 15);
        chunk *= 0x1B873593;
        hash ^= chunk;
        hash = uint.RotateLeft(hash, 13);
        return hash * 5 + 0xE6546B64;
    }
}
