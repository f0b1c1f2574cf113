namespace MlNetCnn.Tests;

/// <summary>What can happen to a file.</summary>
internal static class Damage
{
    /// <summary>A file with a few bytes changed, some missing or some too many.</summary>
    public static byte[] Of(byte[] file, Random random)
    {
        var damaged = (byte[])file.Clone();
        int place = random.Next(file.Length);
        switch (random.Next(4))
        {
            case 0:
                return damaged[..place];
            case 1:
                return [.. damaged[..place], .. new byte[random.Next(1, 9)], .. damaged[place..]];
            case 2:
                return [.. damaged[..place], .. damaged[Math.Min(file.Length, place + random.Next(1, 9))..]];
            default:
                for (int i = random.Next(1, 5); i > 0; i--)
                    damaged[random.Next(file.Length)] ^= (byte)random.Next(1, 256);
                return damaged;
        }
    }
}
