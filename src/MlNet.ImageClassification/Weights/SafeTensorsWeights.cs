using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>Weights that a network was given from a safetensors file.</summary>
/// <param name="Identity">The file's length and hash.</param>
/// <param name="ClassCount">
/// The number of classes of the file's classifier. Where the network has another, its own classifier stayed as it was.
/// </param>
internal sealed record SafeTensorsWeights(string Identity, long ClassCount)
{
    // How many batches a norm has seen: nothing depends on it, and some programs do not save it.
    private const string BatchCounter = ".num_batches_tracked";

    /// <summary>Gives a network the weights of a file: all of them, or none and an exception.</summary>
    /// <remarks>
    /// The tensors have the names and shapes of the network's state dictionary, in float64, float32, float16 or bfloat16. The
    /// classifier may lack its bias, which then is zero, and may have another number of classes, when it is left out.
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <param name="network">The network; its weights are overwritten.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or its weights are those of another network; the message
    /// names the tensor, its shape and the shape wanted.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SafeTensorsWeights Read(string path, ClassificationNetwork network)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(network);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var file = SafeTensorsFile.Open(path);
        var targets = network.state_dict();
        if (file.Tensors.Keys.FirstOrDefault(name => !targets.ContainsKey(name)) is { } unknown)
            throw file.Unusable($"it holds '{unknown}', which '{network.Architecture}' does not have.");

        var (weight, bias) = ClassifierNames(network, targets);
        long classCount = ClassCountOf(file, weight, targets[weight]);
        if (classCount != network.ClassCount)
        {
            targets.Remove(weight);
            targets.Remove(bias);
        }

        var copies = new List<(Tensor Target, Tensor Values)>();
        foreach (var (name, target) in targets)
        {
            if (file.Tensors.ContainsKey(name))
                copies.Add((target, Values(file, network, name, target)));
            else if (name == bias)
                copies.Add((target, zeros(target.shape)));
            else if (!name.EndsWith(BatchCounter, StringComparison.Ordinal))
                throw file.Unusable($"it lacks '{name}', which '{network.Architecture}' needs as [{string.Join(", ", target.shape)}].");
        }

        foreach (var (target, values) in copies)
            target.copy_(values);
        return new SafeTensorsWeights(file.Identity(), classCount);
    }

    private static (string Weight, string Bias) ClassifierNames(ClassificationNetwork network, Dictionary<string, Tensor> targets)
    {
        var parameters = network.Classifier.parameters().Select(parameter => parameter.Handle).ToHashSet();
        var names = targets.Where(target => parameters.Contains(target.Value.Handle)).ToLookup(target => target.Value.dim(), target => target.Key);
        return (names[2].Single(), names[1].Single());
    }

    /// <summary>The classes of the file's classifier; those of the network where the two differ in more than classes.</summary>
    private static long ClassCountOf(SafeTensorsFile file, string weight, Tensor target) =>
        file.Tensors.TryGetValue(weight, out var stored) && stored.Shape is [var classes, var inputs] && inputs == target.shape[1]
            ? classes
            : target.shape[0];

    private static Tensor Values(SafeTensorsFile file, ClassificationNetwork network, string name, Tensor target)
    {
        var stored = file.Tensors[name];
        bool counts = target.dtype == ScalarType.Int64;
        if (!stored.Shape.SequenceEqual(target.shape) || (stored.Type == ScalarType.Int64) != counts)
            throw file.Unusable(
                $"it holds '{name}' as {stored.Type} [{string.Join(", ", stored.Shape)}], but '{network.Architecture}' needs " +
                $"{target.dtype} [{string.Join(", ", target.shape)}].");

        using var read = file.Read(name);
        var values = read.to_type(target.dtype);
        if (!counts && !double.IsFinite(values.to_type(ScalarType.Float64).sum().item<double>()))
            throw file.Unusable($"'{name}' holds values that are not finite in float32.");
        return network.FromPublished(name, values);
    }
}
