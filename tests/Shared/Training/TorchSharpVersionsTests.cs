using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace MlNetCnn.Tests;

/// <summary>
/// The libraries are compiled with the oldest TorchSharp they run on. A method that later versions gave another parameter, be it
/// an optional one, still compiles with any of them, but a library compiled with the old one does not find it in the new one.
/// </summary>
[TestClass]
public sealed class TorchSharpVersionsTests
{
    // Between 0.102.7 and 0.106.0. The factory nn.AvgPool2d and functional.upsample are the same in all.
    private static readonly string[] Changed = ["functional.interpolate", "functional.avg_pool2d", "nn.Upsample"];

    [TestMethod]
    public void The_libraries_call_no_method_of_TorchSharp_that_changed_between_versions()
    {
        var libraries = Directory.GetFiles(AppContext.BaseDirectory, "MlNet.*.dll").Where(file => !file.EndsWith(".Tests.dll", StringComparison.Ordinal)).ToArray();
        var calls = libraries.SelectMany(CallsOf).ToHashSet();

        Assert.Contains("functional.linear", calls);
        CollectionAssert.AreEqual(Array.Empty<string>(), calls.Intersect(Changed).ToArray());
    }

    /// <summary>What an assembly calls of others, as Type.Method.</summary>
    private static HashSet<string> CallsOf(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        return [.. metadata.MemberReferences
            .Select(metadata.GetMemberReference)
            .Where(member => member.Parent.Kind == HandleKind.TypeReference)
            .Select(member => $"{TypeName((TypeReferenceHandle)member.Parent)}.{metadata.GetString(member.Name)}")];

        string TypeName(TypeReferenceHandle type) => metadata.GetString(metadata.GetTypeReference(type).Name);
    }
}
