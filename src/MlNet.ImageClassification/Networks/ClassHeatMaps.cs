using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// Where in an image a network sees a class: Grad-CAM (Selvaraju et al., Grad-CAM: Visual Explanations from Deep Networks via
/// Gradient-based Localization, 2017, equations 1 and 2) on the last feature maps.
/// </summary>
/// <remarks>
/// Grad-CAM weighs each map by the mean gradient of the class's logit over the map's positions. Where the classifier works on the
/// maps' averages, as in every <see cref="ClassificationNetwork"/>, that gradient is the same at each of the Z positions: the
/// classifier's weight divided by Z (section 3.1 of the paper). So the weights of the classifier give the same map, without a
/// backward pass, also where batch norms are folded.
/// </remarks>
internal static class ClassHeatMaps
{
    /// <summary>Computes heat maps.</summary>
    /// <param name="maps">The last feature maps, [N, F, h, w].</param>
    /// <param name="classifier">The weight of the layer that follows their average, [classes, F].</param>
    /// <param name="classes">The class of each image, [N], int64.</param>
    /// <returns>[N, h, w], float32, not negative: zero where nothing speaks for the class.</returns>
    public static Tensor Of(Tensor maps, Tensor classifier, Tensor classes)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var positions = maps.shape[2] * maps.shape[3];
        var weights = classifier.index_select(0, classes).div(positions);
        return bmm(weights.unsqueeze(1), maps.to_type(weights.dtype).flatten(2))
            .view(-1, maps.shape[2], maps.shape[3])
            .relu()
            .MoveToOuterDisposeScope();
    }

    /// <summary>Enlarges heat maps to the size of the images, bilinearly, and scales each so that its highest value is 1.</summary>
    /// <param name="heat">[N, h, w], not negative.</param>
    /// <param name="height">The height of the images.</param>
    /// <param name="width">The width of the images.</param>
    /// <returns>[N, height, width], 0 to 1; a map of zeros stays one.</returns>
    public static Tensor Enlarge(Tensor heat, int height, int width)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var large = nn.functional.interpolate(heat.unsqueeze(1), [height, width], mode: InterpolationMode.Bilinear, align_corners: false).squeeze(1);
        var highest = large.amax([1, 2], keepdim: true);
        return large.div(highest.where(highest > 0, ones_like(highest))).MoveToOuterDisposeScope();
    }
}
