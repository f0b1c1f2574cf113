using Microsoft.ML;
using Trainers = Microsoft.ML.MulticlassClassificationCatalog.MulticlassClassificationTrainers;

namespace MlNet.ShuffleNet;

/// <summary>Adds the ShuffleNet trainer to <c>mlContext.MulticlassClassification.Trainers</c>.</summary>
public static class ShuffleNetCatalog
{
    /// <summary>Trains a ShuffleNetV1 of 3 groups and width 1 with the default recipe.</summary>
    /// <param name="catalog">The catalog; its context receives the log.</param>
    /// <param name="labelColumnName">The label, a key column.</param>
    /// <param name="featureColumnName">The images: a vector of floats or bytes with three dimensions, or an image column.</param>
    /// <param name="scoreColumnName">The output column of class probabilities.</param>
    /// <param name="predictedLabelColumnName">The output column of the most probable class.</param>
    /// <param name="validationSet">Rows to validate on after each epoch, or null.</param>
    /// <exception cref="ArgumentException">A column name is unusable; the message names it, its value and the rule.</exception>
    public static ShuffleNetV1Trainer ShuffleNetV1(
        this Trainers catalog, string labelColumnName = "Label", string featureColumnName = "Features",
        string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel", IDataView? validationSet = null) =>
        new(ShuffleNetV1Trainer.EnvironmentOf(catalog), new ShuffleNetOptions
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            ScoreColumnName = scoreColumnName,
            PredictedLabelColumnName = predictedLabelColumnName,
            ValidationSet = validationSet,
        });

    /// <summary>Trains a ShuffleNetV1 as the options say.</summary>
    /// <param name="catalog">The catalog; its context receives the log.</param>
    /// <param name="options">How to train; copied.</param>
    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    public static ShuffleNetV1Trainer ShuffleNetV1(this Trainers catalog, ShuffleNetOptions options) => new(ShuffleNetV1Trainer.EnvironmentOf(catalog), options);
}
