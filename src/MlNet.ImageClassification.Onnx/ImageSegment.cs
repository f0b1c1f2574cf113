using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>The part of a pipeline that an ONNX file can hold: the classifier and the normalizations directly before it.</summary>
/// <param name="Classifier">The classifier.</param>
/// <param name="InputColumnName">The column of images that the part takes.</param>
/// <param name="Layout">How they lie.</param>
/// <param name="Normalizations">What is done to them, in this order.</param>
internal sealed record ImageSegment(
    ImageClassificationTransformer Classifier, string InputColumnName, ImageLayout Layout, IReadOnlyList<ChannelNormalization> Normalizations)
{
    /// <summary>Finds the part.</summary>
    /// <exception cref="ArgumentException">The model has no classifier, or several.</exception>
    /// <exception cref="InvalidOperationException">The schema is not that of the model's data.</exception>
    public static ImageSegment Find(ITransformer model, DataViewSchema inputSchema)
    {
        var steps = Flatten(model).ToArray();
        if (steps.Count(step => step is ImageClassificationTransformer) != 1)
            throw new ArgumentException(
                $"The model has {Quantity.Of(steps.Count(step => step is ImageClassificationTransformer), "image classifier")} among its transformers " +
                $"({string.Join(", ", steps.Select(step => step.GetType().Name))}); an ONNX file is made of exactly one.", nameof(model));

        // The schema before each step.
        var schemas = new List<DataViewSchema> { inputSchema };
        foreach (var step in steps.TakeWhile(step => step is not ImageClassificationTransformer))
            schemas.Add(step.GetOutputSchema(schemas[^1]));

        int place = schemas.Count - 1;
        var classifier = (ImageClassificationTransformer)steps[place];
        var normalizations = new List<ChannelNormalization>();
        var column = schemas[place].Required(classifier.FeatureColumnName, "features");
        var layout = classifier.Definition.Layout.Bind(column.Name, column.Type);
        for (int i = place - 1; i >= 0; i--)
        {
            // A new column hides an older one of its name, but both are there.
            if (CountOf(column.Name, schemas[i]) == CountOf(column.Name, schemas[i + 1]))
                continue;
            if (steps[i] is not NormalizeChannelsTransformer normalizer || normalizer.OutputColumnName != column.Name)
                break;
            column = schemas[i].Required(normalizer.InputColumnName, "images");
            layout = ImageLayout.Infer(column.Name, column.Type);
            normalizations.Insert(0, normalizer.Normalization);
        }
        return new ImageSegment(classifier, column.Name, layout, normalizations);
    }

    private static int CountOf(string name, DataViewSchema schema) => schema.Count(column => column.Name == name);

    private static IEnumerable<ITransformer> Flatten(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flatten) : [model];
}
