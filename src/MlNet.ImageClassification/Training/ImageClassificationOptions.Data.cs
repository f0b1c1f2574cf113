using Microsoft.ML;

namespace MlNet.ImageClassification;

// What is trained on: columns, validation, images.
public partial class ImageClassificationOptions
{
    /// <summary>
    /// The column with the images: a vector of floats or bytes whose dimensions are [channels, height, width] or
    /// [height, width, channels], or an image column of known size.
    /// </summary>
    /// <value>The default value is <c>"Features"</c>.</value>
    public string FeatureColumnName { get; set; } = "Features";

    /// <summary>The label: a key column. The number of classes is the number of its keys.</summary>
    /// <value>The default value is <c>"Label"</c>.</value>
    public string LabelColumnName { get; set; } = "Label";

    /// <summary>
    /// A column of Single with a weight for each training row, a finite number, 0 or more: a row of weight 2 counts as two rows of
    /// weight 1. Validation counts every row once.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: all rows count alike.</value>
    public string? ExampleWeightColumnName { get; set; }

    /// <summary>
    /// How much the rows of each class count in training, besides <see cref="ExampleWeightColumnName"/>. Validation counts every row once.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: all classes count alike.</value>
    public ClassWeights? ClassWeights { get; set; }

    /// <summary>The output column of class probabilities: a vector of floats, one per class, that sums to one.</summary>
    /// <value>The default value is <c>"Score"</c>.</value>
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>The output column of the most probable class: a key with the key values of the label.</summary>
    /// <value>The default value is <c>"PredictedLabel"</c>.</value>
    public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

    /// <summary>
    /// Rows to validate on after each epoch. They must have the feature and label columns that training sees, so inside
    /// a pipeline they have to pass through the same preceding transforms first.
    /// </summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public IDataView? ValidationSet { get; set; }

    /// <summary>
    /// The share of the training rows, class by class, that is held out for validation when there is no
    /// <see cref="ValidationSet"/>. At least 0 and below 1. Every class of two rows or more is held out from and trained on; the
    /// only row of a class is trained on.
    /// </summary>
    /// <value>The default value is 0: nothing is held out.</value>
    public double ValidationSetFraction { get; set; }

    /// <summary>
    /// What the model does to the pixels it is given, in training and for good: it is saved with the model, so that scoring needs
    /// no transform for it. One figure per channel.
    /// </summary>
    /// <value>
    /// The default value is <see langword="null"/>: <see cref="ChannelNormalization.None"/> for float columns, which a pipeline has
    /// normalized already; for bytes and images that of the weights they start from, else
    /// <see cref="ChannelNormalization.ImageNet"/>, or with other than three channels (value - 127.5) / 63.75.
    /// </value>
    public ChannelNormalization? Normalization { get; set; }

    /// <summary>
    /// What happens when an image cannot be read or holds values that are not finite, in training and, as it is saved with the
    /// model, in scoring.
    /// </summary>
    /// <value>The default value is <see cref="BadImagePolicy.Fail"/>.</value>
    public BadImagePolicy BadImages { get; set; } = BadImagePolicy.Fail;

    /// <summary>
    /// Of which views of an image the probabilities are averaged when the model scores, to gain accuracy for time. It is saved with the
    /// model and can be changed there: <see cref="ImageClassificationTransformer.TestTimeAugmentation"/>. Validation during the training
    /// sees the image alone.
    /// </summary>
    /// <value>The default value is <see cref="TestTimeAugmentation.None"/>.</value>
    public TestTimeAugmentation TestTimeAugmentation { get; set; } = TestTimeAugmentation.None;

    /// <summary>
    /// How many MiB of images are kept in memory. A larger training set is decoded again in each epoch, in an order as random as
    /// that of one in memory; each third of this size costs a walk over the rows that decodes nothing else. At least 1;
    /// <see langword="null"/> takes a quarter of the memory available to the process, at most 2048.
    /// </summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public int? PixelMemoryMegabytes { get; set; }

    /// <summary>Whether all training images go to the device at once; null: where they fit on a CUDA device. For tests, which have none.</summary>
    internal bool? ResidentImages { get; set; }

    private void ValidateData()
    {
        RequireName(FeatureColumnName, nameof(FeatureColumnName));
        RequireName(LabelColumnName, nameof(LabelColumnName));
        if (ExampleWeightColumnName is not null)
            RequireName(ExampleWeightColumnName, nameof(ExampleWeightColumnName));
        RequireName(ScoreColumnName, nameof(ScoreColumnName));
        RequireName(PredictedLabelColumnName, nameof(PredictedLabelColumnName));
        if (ScoreColumnName == PredictedLabelColumnName)
            throw new ArgumentException(
                $"{nameof(ScoreColumnName)} and {nameof(PredictedLabelColumnName)} are both '{ScoreColumnName}'; " +
                "two output columns need two names.", nameof(PredictedLabelColumnName));
        RequireInputsStayVisible(ScoreColumnName, nameof(ScoreColumnName));
        RequireInputsStayVisible(PredictedLabelColumnName, nameof(PredictedLabelColumnName));
        OptionRule.Require(ValidationSetFraction is >= 0 and < 1, nameof(ValidationSetFraction), ValidationSetFraction, "it must be at least 0 and below 1");
        if (ValidationSet is not null && ValidationSetFraction > 0)
            throw new ArgumentException(
                $"{nameof(ValidationSet)} is given and {nameof(ValidationSetFraction)} is {ValidationSetFraction}; " +
                "only one of them can say what to validate on.", nameof(ValidationSetFraction));
        OptionRule.RequireDefined(BadImages, nameof(BadImages));
        OptionRule.RequireDefined(TestTimeAugmentation, nameof(TestTimeAugmentation));
        OptionRule.Require(PixelMemoryMegabytes is null or >= 1, nameof(PixelMemoryMegabytes), PixelMemoryMegabytes, "it must be at least 1, or null");
    }

    private void RequireInputsStayVisible(string output, string option)
    {
        if (output == FeatureColumnName)
            throw new ArgumentException(
                $"{nameof(FeatureColumnName)} and {option} are both '{output}'; the output would hide the images from a second scoring.", option);
        if (output == LabelColumnName)
            throw new ArgumentException(
                $"{nameof(LabelColumnName)} and {option} are both '{output}'; the output would hide the label from Evaluate.", option);
    }

    private static void RequireName(string name, string option)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new ArgumentException($"{option} is empty; it must be the name of a column.", option);
    }
}
