using System.Buffers.Binary;
using CsCheck;

namespace MlNetCnn.Tests;

/// <summary>
/// Files made of a valid one: bits flipped, cut, bytes removed, inserted, copied from elsewhere in it, numbers overwritten by extreme ones.
/// The same mutants each time; MLNETCNN_FUZZ_ITERATIONS asks for more than the usual ones, MLNETCNN_FUZZ_SEED for others.
/// </summary>
internal static class Mutants
{
    private const int UsualCount = 150;

    // What lengths, counts and offsets that lie are.
    private static readonly long[] Extremes =
        [0, 1, -1, sbyte.MaxValue, byte.MaxValue, short.MaxValue, ushort.MaxValue, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue];

    /// <summary>How many mutants a test makes of a file.</summary>
    public static int Count { get; } = Setting("MLNETCNN_FUZZ_ITERATIONS", UsualCount);

    private static int Seed { get; } = Setting("MLNETCNN_FUZZ_SEED", 1);

    /// <summary>One to three changes, one after the other.</summary>
    public static Gen<byte[]> Of(byte[] file) =>
        Gen.Frequency((3, Changed(file)), (1, Changed(file).SelectMany(Changed)), (1, Changed(file).SelectMany(Changed).SelectMany(Changed)));

    /// <summary>
    /// Reads mutants of a file. Each must be refused by one of the exceptions that are documented, or loaded right; memory stays within
    /// what the file's size explains.
    /// </summary>
    /// <param name="name">The format, for messages and the count that is printed.</param>
    /// <param name="file">The valid file.</param>
    /// <param name="read">Reads a mutant, checks what it gave and says whether that is just what the valid file gives.</param>
    /// <param name="isRefusal">Whether an exception is one of those that are documented.</param>
    /// <param name="mutants">How mutants are made; null: by <see cref="Of"/>.</param>
    public static void Check(string name, byte[] file, Func<byte[], bool> read, Func<Exception, bool> isRefusal, Gen<byte[]>? mutants = null)
    {
        mutants ??= Of(file);
        Assert.IsTrue(read(file), $"{name}: the valid file is not read.");
        // Readers have buffers of a fixed size, and copy what they read a few times.
        long mostBytes = (16L << 20) + 64L * file.Length;
        var (refused, same, other) = (0, 0, 0);
        for (int i = 0; i < Count; i++)
        {
            byte[] mutant = mutants.Generate(new PCG((uint)i + 1, (ulong)Seed), null, out _);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                if (read(mutant))
                    same++;
                else
                    other++;
            }
            catch (Exception e) when (isRefusal(e))
            {
                Assert.IsGreaterThan(20, e.Message.Length, $"{name}, mutant {i}: '{e.Message}'");
                refused++;
            }
            catch (Exception e)
            {
                throw new AssertFailedException($"{name}, mutant {i} of seed {Seed}, {mutant.Length} bytes: {e}", e);
            }
            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.IsLessThan(mostBytes, bytes, $"{name}, mutant {i} of seed {Seed}, {mutant.Length} bytes: memory");
        }
        Console.WriteLine($"{name}: {Count} mutants, {refused} refused, {same} loaded the same, {other} loaded with other values");
        Assert.IsGreaterThan(0, refused, $"{name}: no mutant was refused.");
    }

    private static Gen<byte[]> Changed(byte[] file)
    {
        if (file.Length == 0)
            return Gen.Const(file);
        var place = Gen.Int[0, file.Length - 1];
        var length = Gen.Int[1, Math.Min(file.Length, 64)];
        return Gen.OneOf(
            Gen.Select(place, Gen.Int[0, 7]).Array[1, 6].Select(bits => Flipped(file, bits)),
            place.Select(end => file[..end]),
            Gen.Select(place, length).Select(range => Replaced(file, range.Item1, range.Item2, [])),
            Gen.Select(place, Gen.Byte.Array[1, 16]).Select(insert => Replaced(file, insert.Item1, 0, insert.Item2)),
            Gen.Select(place, place, length, Gen.Bool).Select(splice =>
                Replaced(file, splice.Item1, splice.Item4 ? splice.Item3 : 0, file[splice.Item2..Math.Min(file.Length, splice.Item2 + splice.Item3)])),
            Gen.Select(place, Gen.OneOf(1, 2, 4, 8), Gen.OneOf(Extremes)).Select(number => Replaced(file, number.Item1, number.Item2, LittleEndian(number.Item3)[..number.Item2])));
    }

    private static byte[] Flipped(byte[] file, (int Place, int Bit)[] bits)
    {
        var flipped = (byte[])file.Clone();
        foreach (var (place, bit) in bits)
            flipped[place] ^= (byte)(1 << bit);
        return flipped;
    }

    private static byte[] Replaced(byte[] file, int place, int count, byte[] by) => [.. file[..place], .. by, .. file[Math.Min(file.Length, place + count)..]];

    private static byte[] LittleEndian(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return bytes;
    }

    private static int Setting(string name, int usual) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
        ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
        : usual;
}
