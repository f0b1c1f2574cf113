using Microsoft.ML;

namespace MlNet.ImageClassification;

/// <summary>Finds the network of this library in a model.</summary>
internal static class TrainedNetwork
{
    /// <summary>The only network in a pipeline, or the model itself.</summary>
    /// <exception cref="ArgumentException">There is none, or more than one.</exception>
    public static ImageClassificationTransformer In(ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return AllIn(model).ToArray() switch
        {
            [var network] => network,
            [] => throw new ArgumentException(
                "The model has no network of this library in it; give one that such a trainer fitted, or a pipeline with one.", nameof(model)),
            var networks => throw new ArgumentException(
                $"The model has {networks.Length} networks of this library in it; give the {nameof(ImageClassificationTransformer)} itself " +
                "(a pipeline is an IEnumerable of its transformers).", nameof(model)),
        };
    }

    /// <summary>The networks in a pipeline, in its order, or the model itself.</summary>
    public static IEnumerable<ImageClassificationTransformer> AllIn(ITransformer model) => model switch
    {
        ImageClassificationTransformer network => [network],
        IEnumerable<ITransformer> chain => chain.SelectMany(AllIn),
        _ => [],
    };
}
