using Microsoft.ML;

namespace MlNet.ImageClassification;

/// <summary>Adds ONNX files to <c>mlContext.Model</c> and to a trained transformer.</summary>
/// <remarks>
/// The graph computes in float32 what the model does: normalization, the views of its
/// <see cref="TestTimeAugmentation"/>, the network with its batch norms folded, softmax. Its input is
/// named as the column, with any number of images: [N, channels, height, width] or [N, height, width, channels] as in the column,
/// uint8 for bytes and images, else float32. Its outputs are the probabilities, [N, classes] float32, named as the score column, and the
/// number of the most probable class, [N] int64 counted from 0, named as the column of the predicted label. The metadata has
/// the class names in their order as a JSON array (<c>classes</c>), <c>architecture</c> and <c>input</c>.
/// </remarks>
public static class SaveOnnxCatalog
{
    /// <summary>
    /// Writes the network of a model, with the <c>NormalizeChannels</c> directly before it, as an ONNX file. What comes before, such as
    /// reading and resizing images, and what comes behind stays with the pipeline. The file is written beside and renamed.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="model">A fitted pipeline that holds one <see cref="ImageClassificationTransformer"/>, or that transformer.</param>
    /// <param name="inputSchema">The schema of the data that the model takes.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="ArgumentException">The model does not hold one such transformer.</exception>
    /// <exception cref="InvalidOperationException">The schema is not that of the model's data, or the weights take more than the 2 GB of
    /// an ONNX file.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveOnnx(this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema inputSchema, string path)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputSchema);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        OnnxModelFile.Write(path, ImageSegment.Find(model, inputSchema));
    }

    /// <summary>Writes the network as an ONNX file that takes what the feature column has. The file is written beside and renamed.</summary>
    /// <param name="model">The transformer.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="InvalidOperationException">The weights take more than the 2 GB of an ONNX file.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveOnnx(this ImageClassificationTransformer model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        OnnxModelFile.Write(path, new ImageSegment(model, model.FeatureColumnName, model.Definition.Layout, []));
    }
}
