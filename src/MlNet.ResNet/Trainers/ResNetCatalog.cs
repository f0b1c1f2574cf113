using Microsoft.ML;
using Trainers = Microsoft.ML.MulticlassClassificationCatalog.MulticlassClassificationTrainers;

namespace MlNet.ResNet;

/// <summary>Adds the ResNet trainers to <c>mlContext.MulticlassClassification.Trainers</c>.</summary>
public static class ResNetCatalog
{
    /// <summary>Trains a ResNet-18 with the default recipe.</summary>
    /// <param name="catalog">The catalog; its context receives the log.</param>
    /// <param name="labelColumnName">The label, a key column.</param>
    /// <param name="featureColumnName">The images: a vector of floats or bytes with three dimensions, or an image column.</param>
    /// <param name="scoreColumnName">The output column of class probabilities.</param>
    /// <param name="predictedLabelColumnName">The output column of the most probable class.</param>
    /// <param name="validationSet">Rows to validate on after each epoch, or null.</param>
    public static ResNet18Trainer ResNet18(
        this Trainers catalog, string labelColumnName = "Label", string featureColumnName = "Features",
        string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel", IDataView? validationSet = null) =>
        new(ResNetTrainer.EnvironmentOf(catalog), Named(labelColumnName, featureColumnName, scoreColumnName, predictedLabelColumnName, validationSet));

    /// <summary>Trains a ResNet-18 as the options say.</summary>
    /// <param name="catalog">The catalog; its context receives the log.</param>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public static ResNet18Trainer ResNet18(this Trainers catalog, ResNetOptions options) =>
        new(ResNetTrainer.EnvironmentOf(catalog), options);

    /// <summary>Trains a ResNet-34 with the default recipe.</summary>
    /// <inheritdoc cref="ResNet18(Trainers, string, string, string, string, IDataView)"/>
    public static ResNet34Trainer ResNet34(
        this Trainers catalog, string labelColumnName = "Label", string featureColumnName = "Features",
        string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel", IDataView? validationSet = null) =>
        new(ResNetTrainer.EnvironmentOf(catalog), Named(labelColumnName, featureColumnName, scoreColumnName, predictedLabelColumnName, validationSet));

    /// <summary>Trains a ResNet-34 as the options say.</summary>
    /// <inheritdoc cref="ResNet18(Trainers, ResNetOptions)"/>
    public static ResNet34Trainer ResNet34(this Trainers catalog, ResNetOptions options) =>
        new(ResNetTrainer.EnvironmentOf(catalog), options);

    /// <summary>Trains a ResNet-50 with the default recipe.</summary>
    /// <inheritdoc cref="ResNet18(Trainers, string, string, string, string, IDataView)"/>
    public static ResNet50Trainer ResNet50(
        this Trainers catalog, string labelColumnName = "Label", string featureColumnName = "Features",
        string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel", IDataView? validationSet = null) =>
        new(ResNetTrainer.EnvironmentOf(catalog), Named(labelColumnName, featureColumnName, scoreColumnName, predictedLabelColumnName, validationSet));

    /// <summary>Trains a ResNet-50 as the options say.</summary>
    /// <inheritdoc cref="ResNet18(Trainers, ResNetOptions)"/>
    public static ResNet50Trainer ResNet50(this Trainers catalog, ResNetOptions options) =>
        new(ResNetTrainer.EnvironmentOf(catalog), options);

    /// <summary>Trains a ResNet-101 with the default recipe.</summary>
    /// <inheritdoc cref="ResNet18(Trainers, string, string, string, string, IDataView)"/>
    public static ResNet101Trainer ResNet101(
        this Trainers catalog, string labelColumnName = "Label", string featureColumnName = "Features",
        string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel", IDataView? validationSet = null) =>
        new(ResNetTrainer.EnvironmentOf(catalog), Named(labelColumnName, featureColumnName, scoreColumnName, predictedLabelColumnName, validationSet));

    /// <summary>Trains a ResNet-101 as the options say.</summary>
    /// <inheritdoc cref="ResNet18(Trainers, ResNetOptions)"/>
    public static ResNet101Trainer ResNet101(this Trainers catalog, ResNetOptions options) =>
        new(ResNetTrainer.EnvironmentOf(catalog), options);

    /// <summary>Trains a ResNet-152 with the default recipe.</summary>
    /// <inheritdoc cref="ResNet18(Trainers, string, string, string, string, IDataView)"/>
    public static ResNet152Trainer ResNet152(
        this Trainers catalog, string labelColumnName = "Label", string featureColumnName = "Features",
        string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel", IDataView? validationSet = null) =>
        new(ResNetTrainer.EnvironmentOf(catalog), Named(labelColumnName, featureColumnName, scoreColumnName, predictedLabelColumnName, validationSet));

    /// <summary>Trains a ResNet-152 as the options say.</summary>
    /// <inheritdoc cref="ResNet18(Trainers, ResNetOptions)"/>
    public static ResNet152Trainer ResNet152(this Trainers catalog, ResNetOptions options) =>
        new(ResNetTrainer.EnvironmentOf(catalog), options);

    private static ResNetOptions Named(
        string labelColumnName, string featureColumnName, string scoreColumnName, string predictedLabelColumnName, IDataView? validationSet) => new()
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            ScoreColumnName = scoreColumnName,
            PredictedLabelColumnName = predictedLabelColumnName,
            ValidationSet = validationSet,
        };
}
