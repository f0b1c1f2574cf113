using Microsoft.ML;

namespace MlNet.ImageClassification;

/// <summary>Adds the loading of image files to <c>mlContext.Transforms</c>.</summary>
public static class LoadImageFilesCatalog
{
    /// <summary>
    /// Reads images and makes them all of one size: decoded, turned upright as EXIF says, laid over a background where they are
    /// transparent, and resized with an antialiasing filter. It takes the place of LoadImages, ResizeImages and ExtractPixels.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="outputColumnName">The column to make: a vector of Byte with the dimensions [height, width, 3], in the order
    /// red, green, blue.</param>
    /// <param name="imageWidth">The width of the result in pixels; at least 1.</param>
    /// <param name="imageHeight">The height of the result in pixels; at least 5, as fewer rows would be taken for channels.</param>
    /// <param name="inputColumnName">The images: paths of files (text), files in memory (a vector of Byte), or images; null for the
    /// output's name.</param>
    /// <param name="options">What else it can be told; null for the defaults. An image that cannot be used makes reading its row
    /// fail unless <see cref="LoadImageFilesOptions.BadImages"/> says otherwise.</param>
    /// <exception cref="ArgumentException">A size or an option is unusable; the message says which and why.</exception>
    /// <example><code>
    /// var pipeline = mlContext.Transforms.LoadImageFiles("Features", 224, 224, "ImagePath")
    ///     .Append(mlContext.MulticlassClassification.Trainers.ResNet50());
    /// </code></example>
    public static LoadImageFilesEstimator LoadImageFiles(
        this TransformsCatalog catalog, string outputColumnName, int imageWidth, int imageHeight, string? inputColumnName = null,
        LoadImageFilesOptions? options = null) =>
        new(CatalogEnvironment.Of(catalog), outputColumnName, inputColumnName ?? outputColumnName, imageWidth, imageHeight,
            options ?? new LoadImageFilesOptions());
}
