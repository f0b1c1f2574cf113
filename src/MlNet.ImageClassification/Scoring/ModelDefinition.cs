namespace MlNet.ImageClassification;

/// <summary>All that a trained model is, but for its weights.</summary>
/// <param name="FamilyAssembly">Simple name of the assembly of the network family.</param>
/// <param name="FamilyName">The family's name.</param>
/// <param name="Architecture">What the family builds the network from.</param>
/// <param name="Layout">The images it was trained on.</param>
/// <param name="Normalization">What is done to their pixels before the network sees them.</param>
/// <param name="ClassCount">The number of classes.</param>
/// <param name="Classes">The values of the label's keys.</param>
/// <param name="FeatureColumnName">The input column.</param>
/// <param name="ScoreColumnName">The output column of probabilities.</param>
/// <param name="PredictedLabelColumnName">The output column of the predicted key.</param>
/// <param name="Precision">The arithmetic that was asked for.</param>
/// <param name="LabelColumnName">The column it learned from; null in files of the first format, which do not tell.</param>
/// <param name="BadImages">What becomes of rows whose image cannot be scored.</param>
/// <param name="TestTimeAugmentation">Of which views of an image the probabilities are averaged.</param>
internal sealed record ModelDefinition(
    string FamilyAssembly, string FamilyName, string Architecture, ImageLayout Layout, ChannelNormalization Normalization, int ClassCount,
    KeyNames Classes, string FeatureColumnName, string ScoreColumnName, string PredictedLabelColumnName, ComputePrecision Precision,
    string? LabelColumnName, BadImagePolicy BadImages,
    TestTimeAugmentation TestTimeAugmentation = TestTimeAugmentation.None)
{
    /// <summary>Builds the network and gives it the weights.</summary>
    /// <exception cref="InvalidOperationException">The family is not there.</exception>
    /// <exception cref="InvalidDataException">The weights are those of another network.</exception>
    public ClassificationNetwork BuildNetwork(NetworkWeights weights)
    {
        CheckSize(weights.Describe().Values);
        var network = NetworkFamily.Find(FamilyAssembly, FamilyName).Create(Architecture, Layout.Shape, ClassCount);
        try
        {
            weights.CopyTo(network);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>A network is built before it gets its weights: numbers of a file that lie must not make it larger than them.</summary>
    private void CheckSize(IReadOnlyCollection<TensorDescription> weights)
    {
        if (!weights.Any(tensor => tensor.Shape is [var rows, ..] && rows == ClassCount))
            throw new InvalidDataException($"The model has {ClassCount} classes, but weights for another number. The file is damaged.");
        if (!weights.Any(tensor => tensor.Shape is [_, var inputs, ..] && inputs == Layout.Shape.Channels))
            throw new InvalidDataException($"The model is for images of {Layout.Shape.Channels} channels, but its weights are for another number. The file is damaged.");
    }
}
