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
internal sealed record ModelDefinition(
    string FamilyAssembly, string FamilyName, string Architecture, ImageLayout Layout, ChannelNormalization Normalization, int ClassCount,
    KeyNames Classes, string FeatureColumnName, string ScoreColumnName, string PredictedLabelColumnName, ComputePrecision Precision);
