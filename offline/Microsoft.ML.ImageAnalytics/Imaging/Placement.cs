namespace Microsoft.ML.Data;

/// <summary>How <see cref="MLImage.CloneWithResizing"/> brings an image to another shape.</summary>
internal enum ImageResizeMode
{
    Pad,
    Fill,
    CropAnchorTop,
    CropAnchorBottom,
    CropAnchorLeft,
    CropAnchorRight,
    CropAnchorCentral
}

/// <summary>Where the whole image comes to lie on the target, in target pixels; cropping is reaching beyond it.</summary>
internal readonly record struct Placement(int X, int Y, int Width, int Height)
{
    /// <summary>Keeps the aspect ratio. Each cast rounds towards zero, from single precision, as the real package's do:
    /// they decide which pixels a crop keeps.</summary>
    public static Placement Of(int sourceWidth, int sourceHeight, int width, int height, ImageResizeMode mode)
    {
        float widthAspect = (float)width / sourceWidth;
        float heightAspect = (float)height / sourceHeight;
        bool fitHeight = heightAspect < widthAspect == (mode == ImageResizeMode.Pad);
        float aspect = fitHeight ? heightAspect : widthAspect;

        int x = 0;
        int y = 0;
        if (fitHeight)
            x = (int)(ShareBefore(mode, horizontal: true) * (width - sourceWidth * aspect));
        else
            y = (int)(ShareBefore(mode, horizontal: false) * (height - sourceHeight * aspect));
        return new Placement(x, y, (int)(sourceWidth * aspect), (int)(sourceHeight * aspect));
    }

    /// <summary>How much of the spare (or, when cropping, missing) room goes before the image.</summary>
    private static float ShareBefore(ImageResizeMode mode, bool horizontal) => mode switch
    {
        ImageResizeMode.CropAnchorLeft when horizontal => 0,
        ImageResizeMode.CropAnchorRight when horizontal => 1,
        ImageResizeMode.CropAnchorTop when !horizontal => 0,
        ImageResizeMode.CropAnchorBottom when !horizontal => 1,
        _ => 0.5f
    };
}
