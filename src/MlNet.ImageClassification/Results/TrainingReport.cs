namespace MlNet.ImageClassification;

/// <summary>How a network came about; kept by the transformer that <c>Fit</c> returns, not saved with it.</summary>
/// <param name="Epochs">One entry per epoch that was trained, in order.</param>
/// <param name="BestEpoch">
/// The epoch whose weights the transformer has: the best validation accuracy, or the last epoch without validation rows.
/// </param>
/// <param name="TrainingImages">The images trained on in each epoch.</param>
/// <param name="ValidationImages">The images validated on after each epoch.</param>
/// <param name="RowsWithoutLabel">Rows left out because their label is missing.</param>
/// <param name="BadImages">Rows left out because their image cannot be used (see <see cref="BadImagePolicy.Skip"/>).</param>
/// <param name="Canceled">Whether the training was canceled before its last epoch.</param>
/// <param name="Seed">The seed that was used: chosen, of the context, or random.</param>
public sealed record TrainingReport(
    IReadOnlyList<EpochMetrics> Epochs, int BestEpoch, long TrainingImages, long ValidationImages,
    long RowsWithoutLabel, long BadImages, bool Canceled, int Seed)
{
    /// <summary>The options, with what they left open filled in and without what belongs to the caller; null where nobody tells.</summary>
    internal ImageClassificationOptions? Options { get; init; }

    /// <summary>The device and the arithmetic it was trained with.</summary>
    internal string? Target { get; init; }
}
