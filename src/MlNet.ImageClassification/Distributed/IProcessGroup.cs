namespace MlNet.ImageClassification;

/// <summary>
/// Processes that train one network together, each on its part of every batch. A group is given to each of them as
/// <see cref="ImageClassificationOptions.ProcessGroup"/>; <c>MlNet.Distributed</c> makes one of the ranks of an MPI job.
/// </summary>
/// <remarks>
/// All ranks call <see cref="Sum(Span{float})"/>, <see cref="Sum(Span{double})"/> and <see cref="Broadcast"/> in the same order and with
/// the same number of values; a call returns when the rank's own part is done. A rank calls from one thread at a time.
/// </remarks>
public interface IProcessGroup
{
    /// <summary>The number of this process, from 0 to <see cref="Size"/> - 1. Rank 0 logs, writes checkpoints and calls back.</summary>
    int Rank { get; }

    /// <summary>How many processes there are. At least 1.</summary>
    int Size { get; }

    /// <summary>The number of this process among those of the group on its machine, from 0: which CUDA device it takes.</summary>
    int LocalRank { get; }

    /// <summary>Replaces each value by its sum over all ranks, to the same bits in all of them.</summary>
    /// <param name="values">Of this rank; then the sums.</param>
    void Sum(Span<float> values);

    /// <inheritdoc cref="Sum(Span{float})"/>
    void Sum(Span<double> values);

    /// <summary>Replaces the bytes of every rank by those of rank 0.</summary>
    /// <param name="bytes">Of this rank; then those of rank 0.</param>
    void Broadcast(Span<byte> bytes);

    /// <summary>
    /// Tells that this rank leaves a training in the middle, so that the others would wait for it for ever: once the exception has been
    /// seen by the application, the whole job is to end.
    /// </summary>
    /// <param name="reason">The exception that <c>Fit</c> is about to throw.</param>
    void Abandon(Exception reason);
}
