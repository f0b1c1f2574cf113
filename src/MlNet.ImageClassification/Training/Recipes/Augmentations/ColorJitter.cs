using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Changes brightness, contrast, saturation and hue of each image by amounts of its own, in an order that each batch draws
/// (torchvision's ColorJitter).
/// </summary>
/// <param name="brightness">The factor is within 1 plus or minus this.</param>
/// <param name="contrast">Likewise.</param>
/// <param name="saturation">Likewise.</param>
/// <param name="hue">The largest turn, as a share of the color circle.</param>
internal sealed class ColorJitter(double brightness, double contrast, double saturation, double hue) : IAugmentation
{
    private readonly (Func<Tensor, Tensor, Tensor> Change, double Middle, double Strength)[] _changes =
    [
        (PixelOperations.Brightness, 1, brightness),
        (PixelOperations.Contrast, 1, contrast),
        (PixelOperations.Saturation, 1, saturation),
        (PixelOperations.Hue, 0, hue),
    ];

    /// <inheritdoc/>
    public Tensor Apply(Tensor images, Random random)
    {
        using var scope = NewDisposeScope();
        var order = _changes.Where(change => change.Strength > 0).ToArray();
        random.Shuffle(order);
        foreach (var (change, middle, strength) in order)
        {
            var amounts = new float[images.shape[0]];
            for (int i = 0; i < amounts.Length; i++)
                amounts[i] = (float)(middle + strength * (2 * random.NextDouble() - 1));
            images = change(images, tensor(amounts, [amounts.Length, 1, 1, 1]).SendTo(images.device));
        }
        return images.MoveToOuterDisposeScope();
    }
}
