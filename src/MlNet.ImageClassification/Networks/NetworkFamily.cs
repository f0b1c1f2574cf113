using System.Reflection;

namespace MlNet.ImageClassification;

/// <summary>
/// A family of networks, such as ResNet: builds a network from a short text that names its architecture. A saved model
/// records the family's assembly, its name and that text, and the network is rebuilt from the three.
/// </summary>
/// <remarks>
/// A family has a public parameterless constructor and is announced by its assembly:
/// <c>[assembly: NetworkFamily(typeof(ResNetFamily))]</c>.
/// </remarks>
internal abstract class NetworkFamily
{
    /// <summary>The family's name, unique in its assembly.</summary>
    public abstract string Name { get; }

    /// <summary>Builds a network. Its weights are zero until it is initialized or given those of another.</summary>
    /// <param name="architecture">What to build, in the family's own words, for instance <c>resnet50 v1.5 stem=cifar</c>.</param>
    /// <param name="input">The size of the images.</param>
    /// <param name="classCount">The number of classes, at least two.</param>
    /// <returns>The network, whose <see cref="ClassificationNetwork.Architecture"/> is the text with every choice spelled out.</returns>
    /// <exception cref="ArgumentException">The family has no such architecture, or it cannot take such images or classes.</exception>
    public abstract ClassificationNetwork Create(string architecture, ImageShape input, int classCount);

    /// <summary>The simple name of the assembly the family lives in.</summary>
    public string AssemblyName => GetType().Assembly.GetName().Name!;

    /// <summary>Finds a family that a saved model names.</summary>
    /// <param name="assemblyName">Simple name of the family's assembly.</param>
    /// <param name="familyName">The family's <see cref="Name"/>.</param>
    /// <exception cref="InvalidOperationException">The assembly cannot be loaded or announces no such family.</exception>
    public static NetworkFamily Find(string assemblyName, string familyName)
    {
        var assembly = Load(assemblyName, familyName);
        var families = assembly.GetCustomAttributes<NetworkFamilyAttribute>().Select(attribute => attribute.CreateFamily()).ToArray();
        return families.FirstOrDefault(family => family.Name == familyName)
            ?? throw new InvalidOperationException(
                $"Assembly '{assemblyName}' announces no network family '{familyName}' " +
                $"(it has: {(families.Length == 0 ? "none" : string.Join(", ", families.Select(family => family.Name)))}). " +
                "The model was saved with another version of it; reference that version.");
    }

    private static Assembly Load(string assemblyName, string familyName)
    {
        // The name comes from a file: nothing but a simple name may reach the loader.
        if (assemblyName.Length == 0 || assemblyName.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')))
            throw new InvalidOperationException($"'{assemblyName}' is not the simple name of an assembly; the model file is damaged.");

        try
        {
            return Assembly.Load(new AssemblyName(assemblyName));
        }
        catch (Exception e) when (e is IOException or BadImageFormatException)
        {
            throw new InvalidOperationException(
                $"The model holds a network of the family '{familyName}', which lives in assembly '{assemblyName}', " +
                $"and that assembly cannot be loaded. Add a reference to {assemblyName} to the application.", e);
        }
    }
}

/// <summary>Announces a network family of the assembly, so that saved models can name it.</summary>
/// <param name="family">A <see cref="NetworkFamily"/> with a public parameterless constructor.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class NetworkFamilyAttribute(Type family) : Attribute
{
    /// <summary>The family's type.</summary>
    public Type Family { get; } = family;

    internal NetworkFamily CreateFamily() =>
        Activator.CreateInstance(Family) as NetworkFamily
        ?? throw new InvalidOperationException($"'{Family}' is announced as a network family but does not derive from {nameof(NetworkFamily)}.");
}
