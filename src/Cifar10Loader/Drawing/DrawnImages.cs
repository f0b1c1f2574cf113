namespace Cifar10Loader;

/// <summary>
/// Draws images of ten classes of shapes. What tells the classes apart is the shape alone: colors, which of shape and
/// ground is the brighter, position, size, turn, lighting and noise are drawn at random. So a mean image or a linear
/// model sees next to nothing, and a convolutional network has something to learn.
/// </summary>
/// <remarks>
/// Only operations that IEEE 754 defines to the last bit are used (no sine or cosine), so that a seed gives the same
/// bytes on every machine.
/// </remarks>
internal sealed class DrawnImages(int seed)
{
    private const double PixelNoise = 10;
    private const double SinOf60 = 0.86602540378443865;

    /// <summary>
    /// For each class about the distance of a point from the outline of a shape that fills the unit circle; negative
    /// inside.
    /// </summary>
    private static readonly (string Name, Func<double, double, double> Distance)[] Shapes =
    [
        ("disc", (u, v) => Circle(u, v, 0.85)),
        ("ring", (u, v) => Math.Abs(Circle(u, v, 0.75)) - 0.17),
        ("square", (u, v) => Square(u, v, 0.7)),
        ("frame", (u, v) => Math.Abs(Square(u, v, 0.65)) - 0.15),
        ("triangle", (u, v) => Math.Max(-v, Math.Max(v / 2 + SinOf60 * u, v / 2 - SinOf60 * u)) - 0.5),
        ("cross", (u, v) => Math.Min(Bar(u, v), Bar(v, u))),
        ("stripes", (u, v) => Math.Max(Circle(u, v, 1), Math.Abs(Fraction(u * 2) - 0.5) / 2 - 0.125)),
        ("checkers", (u, v) => Math.Max(Square(u, v, 0.8), Checkers(u / 0.4, v / 0.4) * 0.4)),
        ("crescent", (u, v) => Math.Max(Circle(u, v, 0.95), -Circle(u - 0.45, v, 0.75))),
        ("dots", (u, v) => Math.Max(Square(u, v, 0.9), Circle(InCell(u, 0.6), InCell(v, 0.6), 0.18))),
    ];

    public static readonly string[] ClassNames = [.. Shapes.Select(shape => shape.Name)];

    private ulong _state = (ulong)seed;

    /// <summary>Draws one image as three planes (red, green, blue) of 32x32 bytes.</summary>
    public void Draw(int label, Span<byte> planes)
    {
        double radius = Between(8, 13.5);
        double centerX = CifarFormat.Side / 2.0 + Between(-1, 1) * (15 - radius);
        double centerY = CifarFormat.Side / 2.0 + Between(-1, 1) * (15 - radius);
        (double turnX, double turnY) = UnitVector();
        (double lightX, double lightY) = UnitVector();
        double light = Between(0, 1.2);
        (double[] shape, double[] ground) = Colors();
        Func<double, double, double> distance = Shapes[label].Distance;

        for (int y = 0; y < CifarFormat.Side; y++)
        {
            for (int x = 0; x < CifarFormat.Side; x++)
            {
                double dx = (x + 0.5 - centerX) / radius;
                double dy = (y + 0.5 - centerY) / radius;
                double u = dx * turnX + dy * turnY;
                double v = dy * turnX - dx * turnY;

                // Half a pixel on either side of the outline blends shape and ground.
                double coverage = Math.Clamp(0.5 - distance(u, v) * radius, 0, 1);
                double shade = light * ((x - 15.5) * lightX + (y - 15.5) * lightY);
                for (int channel = 0; channel < CifarFormat.Channels; channel++)
                {
                    double value = ground[channel] + coverage * (shape[channel] - ground[channel]) + shade + Noise();
                    planes[channel * CifarFormat.PlaneBytes + y * CifarFormat.Side + x] = (byte)Math.Clamp(value + 0.5, 0, 255);
                }
            }
        }
    }

    private static double Circle(double u, double v, double radius) => Math.Sqrt(u * u + v * v) - radius;

    private static double Square(double u, double v, double half) => Math.Max(Math.Abs(u), Math.Abs(v)) - half;

    private static double Bar(double along, double across) => Math.Max(Math.Abs(along) - 0.92, Math.Abs(across) - 0.25);

    /// <summary>Negative in the dark cells of a board with cells of size 1.</summary>
    private static double Checkers(double u, double v)
    {
        double toEdge = 0.5 - Math.Max(Math.Abs(Fraction(u) - 0.5), Math.Abs(Fraction(v) - 0.5));
        bool dark = ((long)Math.Floor(u) + (long)Math.Floor(v)) % 2 == 0;
        return dark ? -toEdge : toEdge;
    }

    private static double Fraction(double value) => value - Math.Floor(value);

    /// <summary>Distance along one axis from the middle of the nearest cell of a grid; one cell is in the middle.</summary>
    private static double InCell(double value, double size) => (Fraction(value / size + 0.5) - 0.5) * size;

    /// <summary>Two colors that differ clearly in at least one channel.</summary>
    private (double[] Shape, double[] Ground) Colors()
    {
        while (true)
        {
            double[] shape = [Between(20, 235), Between(20, 235), Between(20, 235)];
            double[] ground = [Between(20, 235), Between(20, 235), Between(20, 235)];
            if (Enumerable.Range(0, 3).Max(channel => Math.Abs(shape[channel] - ground[channel])) > 80)
                return (shape, ground);
        }
    }

    private (double X, double Y) UnitVector()
    {
        while (true)
        {
            double x = Between(-1, 1);
            double y = Between(-1, 1);
            double length = Math.Sqrt(x * x + y * y);
            if (length is > 0.1 and <= 1)
                return (x / length, y / length);
        }
    }

    /// <summary>A sum of four uniform numbers: close enough to a bell curve.</summary>
    private double Noise()
    {
        ulong bits = NextBits();
        ulong sum = (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);
        return PixelNoise * (sum / 65536.0 - 2);
    }

    private double Between(double low, double high) => low + (high - low) * ((NextBits() >> 11) * (1.0 / (1UL << 53)));

    /// <summary>SplitMix64 (Steele, Lea and Flood, 2014): fast, and the same wherever it runs.</summary>
    private ulong NextBits()
    {
        ulong z = _state += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }
}
