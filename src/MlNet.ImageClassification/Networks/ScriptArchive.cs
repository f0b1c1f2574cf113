using System.IO.Compression;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// A TorchScript program in the form that torch.jit.save writes: the source of a module without parameters. Unlike source given to
/// torch.jit.compile, that of a saved program may use operators of any namespace.
/// </summary>
internal static class ScriptArchive
{
    private const string ModuleType = "__torch__.Network";

    /// <summary>Loads a module.</summary>
    /// <param name="methods">Its methods; each takes tensors and lists of tensors.</param>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">LibTorch does not understand the source.</exception>
    public static jit.ScriptModule Load(params IEnumerable<Method> methods)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(archive, "data.pkl", EmptyModule);
            Add(archive, "constants.pkl", [0x80, 2, (byte)')', (byte)'.']);
            Add(archive, "version", "3\n"u8);
            Add(archive, "code/__torch__.py", Encoding.UTF8.GetBytes(string.Concat(methods.Select(Source).Prepend(
                "class Network(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"))));
        }
        return jit.load(stream.ToArray(), DeviceType.CPU);
    }

    // Python's pickle of an object of the module's type: {"training": False}.
    private static byte[] EmptyModule =>
    [
        0x80, 2, .. "c__torch__\nNetwork\n"u8, (byte)')', 0x81, (byte)'}', (byte)'(', (byte)'X', 8, 0, 0, 0, .. "training"u8, 0x89, .. "ub."u8,
    ];

    private static string Source(Method method) =>
        $"  def {method.Name}(self: {ModuleType}, {method.Parameters}) -> {method.Returns}:\n{string.Concat(method.Body.Select(line => $"    {line}\n"))}";

    private static void Add(ZipArchive archive, string name, ReadOnlySpan<byte> content)
    {
        // LibTorch maps entries; they must not be compressed.
        using var entry = archive.CreateEntry($"network/{name}", CompressionLevel.NoCompression).Open();
        entry.Write(content);
    }

    /// <summary>A method in TorchScript.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Parameters">Its parameters with their types.</param>
    /// <param name="Returns">What it returns.</param>
    /// <param name="Body">Its lines.</param>
    internal sealed record Method(string Name, string Parameters, string Returns, IEnumerable<string> Body);
}
