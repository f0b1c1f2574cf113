using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Weights that a network was given from a file.</summary>
/// <param name="Identity">The file's length and hash.</param>
/// <param name="ClassCount">
/// The number of classes of the file's classifier, 0 where it has none. Where the network has another, its own classifier stayed as
/// it was.
/// </param>
internal sealed record InitialWeights(string Identity, long ClassCount)
{
    // How many batches a norm has seen: nothing depends on it, and some programs do not save it.
    private const string BatchCounter = ".num_batches_tracked";

    private const int MostProblemsTold = 10;

    /// <summary>Gives a network the weights of a file: all of them, or none and an exception.</summary>
    /// <remarks>
    /// The tensors have the names and shapes of the network's state dictionary, in float64, float32, float16 or bfloat16. The
    /// classifier may lack its bias, which then is zero, and may have another number of classes, when it is left out.
    /// </remarks>
    /// <param name="file">The file.</param>
    /// <param name="network">The network; its weights are overwritten.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or its weights are those of another network; the message
    /// names the tensors that are missing, too many or of another shape.</exception>
    public static InitialWeights Read(WeightsFile file, ClassificationNetwork network)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (file.Architecture is { } theirs && theirs != network.Architecture)
            throw file.Unusable($"it holds the weights of '{theirs}', but the network to train is '{network.Architecture}'.");

        var targets = network.state_dict();
        var problems = file.Tensors.Keys.Where(name => !targets.ContainsKey(name))
            .Select(name => $"it holds '{name}', which '{network.Architecture}' does not have").ToList();
        var (weight, bias) = ClassifierNames(network, targets);
        long classCount = ClassCountOf(file, weight, targets[weight]);
        if (classCount != network.ClassCount)
        {
            targets.Remove(weight);
            targets.Remove(bias);
        }
        problems.AddRange(targets.Select(target => ProblemOf(file, network, target.Key, target.Value, bias)).OfType<string>());
        if (problems.Count > 0)
            throw file.Unusable(
                string.Join("; ", problems.Take(MostProblemsTold)) +
                (problems.Count > MostProblemsTold ? $"; and {problems.Count - MostProblemsTold} more of the kind." : "."));

        var copies = new List<(Tensor Target, Tensor Values)>();
        foreach (var (name, target) in targets)
        {
            if (file.Tensors.ContainsKey(name))
                copies.Add((target, Values(file, network, name, target)));
            else if (name == bias)
                copies.Add((target, zeros(target.shape)));
        }
        foreach (var (target, values) in copies)
            target.copy_(values);
        return new InitialWeights(file.Identity, classCount);
    }

    private static (string Weight, string Bias) ClassifierNames(ClassificationNetwork network, Dictionary<string, Tensor> targets)
    {
        var parameters = network.Classifier.parameters().Select(parameter => parameter.Handle).ToHashSet();
        var names = targets.Where(target => parameters.Contains(target.Value.Handle)).ToLookup(target => target.Value.dim(), target => target.Key);
        return (names[2].Single(), names[1].Single());
    }

    /// <summary>The classes of the file's classifier; those of the network where the two differ in more than classes.</summary>
    private static long ClassCountOf(WeightsFile file, string weight, Tensor target)
    {
        if (!file.HasClassifier)
            return 0;
        return file.Tensors.TryGetValue(weight, out var stored) && stored.Shape is [var classes, var inputs] && inputs == target.shape[1]
            ? classes
            : target.shape[0];
    }

    /// <summary>Why the file cannot give a tensor of the network, as a clause; null where it can.</summary>
    private static string? ProblemOf(WeightsFile file, ClassificationNetwork network, string name, Tensor target, string bias)
    {
        if (!file.Tensors.TryGetValue(name, out var stored))
            return name == bias || name.EndsWith(BatchCounter, StringComparison.Ordinal)
                ? null
                : $"it lacks '{name}', which '{network.Architecture}' needs as [{string.Join(", ", target.shape)}]";
        return stored.Shape.SequenceEqual(target.shape) && (stored.Type == ScalarType.Int64) == (target.dtype == ScalarType.Int64)
            ? null
            : $"it holds '{name}' as {stored.Type} [{string.Join(", ", stored.Shape)}], but '{network.Architecture}' needs " +
              $"{target.dtype} [{string.Join(", ", target.shape)}]";
    }

    private static Tensor Values(WeightsFile file, ClassificationNetwork network, string name, Tensor target)
    {
        using var read = file.Read(name);
        var values = read.to_type(target.dtype);
        if (target.is_floating_point() && !double.IsFinite(values.to_type(ScalarType.Float64).sum().item<double>()))
            throw file.Unusable($"'{name}' holds values that are not finite in float32.");
        return file.IsPublished ? network.FromPublished(name, values) : values;
    }
}
