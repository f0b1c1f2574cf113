using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Does a few operations, drawn for each image, in a strength that is the same for all (Cubuk et al., RandAugment, arXiv 1909.13719,
/// with the operations and strengths of torchvision). What is moved in from outside is black.
/// </summary>
/// <param name="operations">How many for each image.</param>
/// <param name="magnitude">The strength, 0 to 30.</param>
internal sealed class RandAugment(int operations, int magnitude) : IAugmentation
{
    public const int LargestMagnitude = 30;

    private static readonly int s_kinds = Enum.GetValues<Operation>().Length;

    private readonly double _strength = (double)magnitude / LargestMagnitude;

    /// <summary>The operations, each as likely as the others.</summary>
    internal enum Operation
    {
        Identity, ShearX, ShearY, TranslateX, TranslateY, Rotate, Brightness, Color, Contrast, Sharpness, Posterize, Solarize, AutoContrast, Equalize,
    }

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Random random)
    {
        using var scope = NewDisposeScope();
        var result = images.clone();
        for (int i = 0; i < operations; i++)
        {
            // Each operation is done once, for all images that drew it.
            var draws = Enumerable.Range(0, (int)images.shape[0])
                .Select(image => (Image: (long)image, Operation: (Operation)random.Next(s_kinds), Sign: random.Next(2) == 0 ? 1 : -1))
                .ToArray();
            foreach (var group in draws.Where(draw => draw.Operation != Operation.Identity).GroupBy(draw => draw.Operation))
            {
                var chosen = tensor(group.Select(draw => draw.Image).ToArray()).SendTo(images.device);
                result.index_copy_(0, chosen, Apply(group.Key, result.index_select(0, chosen), [.. group.Select(draw => draw.Sign)]));
            }
        }
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Does an operation to images.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="images">[N, C, H, W], 0 to 255.</param>
    /// <param name="signs">1 or -1 for each: which way an operation that has two goes.</param>
    internal Tensor Apply(Operation operation, Tensor images, IReadOnlyList<int> signs)
    {
        long height = images.shape[2], width = images.shape[3];
        return operation switch
        {
            Operation.ShearX => Move(sign => new(1, Shear(sign), 0, 1, Shear(sign) * height / 2, 0)),
            Operation.ShearY => Move(sign => new(1, 0, Shear(sign), 1, 0, Shear(sign) * width / 2)),
            Operation.TranslateX => Move(sign => new(1, 0, 0, 1, -sign * Shift(width), 0)),
            Operation.TranslateY => Move(sign => new(1, 0, 0, 1, 0, -sign * Shift(height))),
            Operation.Rotate => Move(sign => Rotation(sign * _strength * Math.PI / 6)),
            Operation.Brightness => PixelOperations.Brightness(images, Factors()),
            Operation.Color => PixelOperations.Saturation(images, Factors()),
            Operation.Contrast => PixelOperations.Contrast(images, Factors()),
            Operation.Sharpness => PixelOperations.Sharpness(images, Factors()),
            Operation.Posterize => PixelOperations.Posterize(images, 8 - (int)Math.Round(4 * _strength)),
            Operation.Solarize => PixelOperations.Solarize(images, 255 * (1 - _strength)),
            Operation.AutoContrast => PixelOperations.AutoContrast(images),
            Operation.Equalize => PixelOperations.Equalize(images),
            _ => images,
        };

        double Shear(int sign) => sign * 0.3 * _strength;

        double Shift(long side) => Math.Floor(150.0 / 331 * side * _strength);

        Tensor Factors() => tensor([.. signs.Select(sign => (float)(1 + sign * 0.9 * _strength))], [signs.Count, 1, 1, 1]).SendTo(images.device);

        Tensor Move(Func<int, AffineMap> map) => AffineMap.Apply(images, [.. signs.Select(map)]);
    }

    private static AffineMap Rotation(double angle) => new(Math.Cos(angle), -Math.Sin(angle), Math.Sin(angle), Math.Cos(angle), 0, 0);

    /// <summary>
    /// Where a pixel comes from, in pixels from the middle of the image: column XX x + XY y + X, row YX x + YY y + Y.
    /// </summary>
    private readonly record struct AffineMap(double XX, double XY, double YX, double YY, double X, double Y)
    {
        public static Tensor Apply(Tensor images, IReadOnlyList<AffineMap> maps)
        {
            // LibTorch's places go from -1 to 1.
            double height = images.shape[2], width = images.shape[3];
            float[] values = [.. maps.SelectMany(map => new[]
            {
                (float)map.XX, (float)(map.XY * height / width), (float)(2 * map.X / width),
                (float)(map.YX * width / height), (float)map.YY, (float)(2 * map.Y / height),
            })];
            var grid = nn.functional.affine_grid(tensor(values, [maps.Count, 2, 3]).SendTo(images.device), images.shape, align_corners: false);
            return nn.functional.grid_sample(images, grid, GridSampleMode.Nearest, GridSamplePaddingMode.Zeros, align_corners: false);
        }
    }
}
