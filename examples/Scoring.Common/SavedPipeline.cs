using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MlNet.ImageClassification;

namespace ImageScoring;

/// <summary>
/// A pipeline of ML.NET with a network of this library in it. What stands before the network is made to read files in memory
/// instead of files on disk; what stands behind it is not needed, as the network names its classes.
/// </summary>
internal static class SavedPipeline
{
    public static ImageModel Load(string path, long maximumPixels)
    {
        var mlContext = new MLContext();
        var (model, schema) = Open(mlContext, path);
        try
        {
            var parts = Flatten(model).ToArray();
            var network = parts.OfType<ImageClassificationTransformer>().FirstOrDefault() ?? throw new InvalidDataException(
                $"'{path}' is a model of ML.NET without a network of this library in it. Save the pipeline that ends with the trainer.");
            return FromFiles(mlContext, path, schema, parts.TakeWhile(part => part != network), network, model, maximumPixels);
        }
        catch
        {
            (model as IDisposable)?.Dispose();
            throw;
        }
    }

    private static (ITransformer Model, DataViewSchema? Schema) Open(MLContext mlContext, string path)
    {
        try
        {
            // Not by its path: a file that another one takes the place of meanwhile is read to its end.
            using var file = File.OpenRead(path);
            return (mlContext.Model.Load(file, out var schema), schema);
        }
        catch (Exception e) when (e is not (IOException or UnauthorizedAccessException or OutOfMemoryException))
        {
            throw new InvalidDataException($"'{path}' cannot be loaded: {e.GetBaseException().Message}", e);
        }
    }

    private static ImageModel FromFiles(
        MLContext mlContext, string path, DataViewSchema? saved, IEnumerable<ITransformer> before, ImageClassificationTransformer network,
        ITransformer model, long maximumPixels)
    {
        before = before.ToArray();
        var upload = Upload.Schema(ImageColumn(saved, before));
        var view = mlContext.Data.LoadFromEnumerable<Upload>([], upload);

        var reading = new List<ITransformer>();
        bool decodes = true;
        foreach (var part in before)
        {
            var here = part is LoadImageFilesTransformer files ? FromMemory(mlContext, files, view) : part;
            decodes &= part is not LoadImageFilesTransformer;
            // The label's transforms want columns that an upload lacks; of what the network needs nothing is left out, or it
            // misses its column below.
            if (here is ImageLoadingTransformer || TryTransform(here, view) is not { } next)
                continue;
            reading.Add(here);
            view = next;
        }

        if (view.Schema.GetColumnOrNull(network.FeatureColumnName) is not { } features)
            throw new InvalidDataException(
                $"The network in '{path}' reads the column '{network.FeatureColumnName}', and the pipeline does not say how an image file becomes " +
                "it. Save the model together with the transforms that read images (LoadImageFiles, or LoadImages to ExtractPixels).");
        network.GetOutputSchema(view.Schema);
        var chain = new TransformerChain<ITransformer>([.. reading]);
        return features.Type switch
        {
            ImageDataViewType => new SavedPipeline<MLImage>(mlContext, chain, upload, network, model, decodes, maximumPixels, features.Type),
            VectorDataViewType { ItemType: var item } when item == NumberDataViewType.Byte =>
                new SavedPipeline<byte[]>(mlContext, chain, upload, network, model, decodes, maximumPixels, features.Type),
            _ => new SavedPipeline<float[]>(mlContext, chain, upload, network, model, decodes, maximumPixels, features.Type),
        };
    }

    /// <summary>The column that holds images when the model reads what it was trained on: the first that appears.</summary>
    private static string ImageColumn(DataViewSchema? schema, IEnumerable<ITransformer> parts)
    {
        if (schema is null)
            return nameof(Upload.Image);
        var schemas = new List<DataViewSchema> { schema };
        foreach (var part in parts)
            schemas.Add(part.GetOutputSchema(schemas[^1]));
        return schemas.SelectMany(columns => columns).Where(column => column.Type is ImageDataViewType)
            .Select(column => column.Name).FirstOrDefault(nameof(Upload.Image));
    }

    /// <summary>The same reading, of the content of a file; a bad image is told of rather than skipped.</summary>
    private static LoadImageFilesTransformer FromMemory(MLContext mlContext, LoadImageFilesTransformer files, IDataView uploads)
    {
        var options = files.Options;
        options.BadImages = BadImagePolicy.Fail;
        return mlContext.Transforms.LoadImageFiles(files.OutputColumnName, files.ImageWidth, files.ImageHeight, nameof(Upload.File), options)
            .Fit(uploads);
    }

    private static IDataView? TryTransform(ITransformer part, IDataView view)
    {
        try
        {
            return part.Transform(view);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IEnumerable<ITransformer> Flatten(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [model];
}

/// <summary>What the reading part is given: the file, or the image decoded.</summary>
internal sealed class Upload
{
    public byte[] File { get; set; } = [];

    [ImageType(1, 1)]
    public MLImage? Image { get; set; }

    public static SchemaDefinition Schema(string imageColumn)
    {
        var schema = SchemaDefinition.Create(typeof(Upload));
        schema[nameof(Image)].ColumnName = imageColumn;
        return schema;
    }
}
