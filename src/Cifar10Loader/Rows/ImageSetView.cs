using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Cifar10Loader;

/// <summary>An <see cref="ImageSet"/> as a data view: one key column for each label set, then Image and Pixels.</summary>
internal static class ImageSetView
{
    /// <param name="images">The images.</param>
    /// <param name="labelColumns">The label columns in the order wanted, and the label set each of them shows.</param>
    public static IDataView Create(ImageSet images, params (string Name, int LabelSet)[] labelColumns)
    {
        var schema = new DataViewSchema.Builder();
        var getters = new List<Func<CurrentRow, Delegate>>();
        foreach ((string name, int labelSet) in labelColumns)
        {
            ClassLabels.AddKeyColumn(schema, name, images.ClassNames[labelSet]);
            getters.Add(ClassLabels.KeyGetter(row => images.Label(row, labelSet)));
        }

        schema.AddColumn("Image", new ImageDataViewType(CifarFormat.Side, CifarFormat.Side));
        getters.Add(row => ImageGetter(images, row));
        schema.AddColumn("Pixels", new VectorDataViewType(
            NumberDataViewType.Byte, CifarFormat.Channels, CifarFormat.Side, CifarFormat.Side));
        getters.Add(row => PixelsGetter(images, row));

        return new IndexedDataView(schema.ToSchema(), images.Count, [.. getters]);
    }

    private static ValueGetter<VBuffer<byte>> PixelsGetter(ImageSet images, CurrentRow row) =>
        (ref VBuffer<byte> pixels) =>
        {
            int image = row.Required;
            VBufferEditor<byte> editor = VBufferEditor.Create(ref pixels, CifarFormat.PixelBytes);
            images.CopyPixels(image, editor.Values);
            pixels = editor.Commit();
        };

    private static ValueGetter<MLImage> ImageGetter(ImageSet images, CurrentRow row)
    {
        var planes = new byte[CifarFormat.PixelBytes];
        var bgra = new byte[4 * CifarFormat.PlaneBytes];
        return (ref MLImage image) =>
        {
            images.CopyPixels(row.Required, planes);
            for (int i = 0; i < CifarFormat.PlaneBytes; i++)
            {
                bgra[4 * i] = planes[2 * CifarFormat.PlaneBytes + i];
                bgra[4 * i + 1] = planes[CifarFormat.PlaneBytes + i];
                bgra[4 * i + 2] = planes[i];
                bgra[4 * i + 3] = 255;
            }

            // As LoadImages does: whoever hands an image in gives it up.
            image?.Dispose();
            image = MLImage.CreateFromPixels(CifarFormat.Side, CifarFormat.Side, MLPixelFormat.Bgra32, bgra);
        };
    }
}
