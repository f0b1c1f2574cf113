namespace MlNetCnn.Tests;

/// <summary>Damages files by chance.</summary>
internal static class Mutation
{
    /// <summary>Changes a file in one to three places: a bit, a byte, a few bytes lost, repeated or overwritten, or the rest lost.</summary>
    public static byte[] Of(byte[] whole, Random random)
    {
        var bytes = new List<byte>(whole);
        for (int places = random.Next(1, 4); places > 0 && bytes.Count > 0; places--)
        {
            int at = random.Next(bytes.Count);
            int count = Math.Min(random.Next(1, 9), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, count); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, count)); break;
                case 4: bytes.RemoveRange(at, count); bytes.InsertRange(at, Enumerable.Repeat((byte)0xff, count)); break;
                default: bytes.RemoveRange(at, bytes.Count - at); break;
            }
        }
        return [.. bytes];
    }
}
