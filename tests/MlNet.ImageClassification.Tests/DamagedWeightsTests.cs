using TorchSharp;

namespace MlNet.ImageClassification.Tests;

/// <summary>Files with bytes changed, lost or added at random are refused with a message or give finite weights; nothing else happens.</summary>
[TestClass]
public sealed class DamagedWeightsTests
{
    // Of a file of a few KB: what a length that lies could ask for is thousands of times as much.
    private const long MostBytes = 200 << 20;

    [TestMethod]
    [DataRow("tiny8.pth")]
    [DataRow("tiny8-checkpoint.pth")]
    [DataRow("golden-v1.zip")]
    public void Damaged_files_are_refused_or_read_right(string file) =>
        AssertRefusedOrRight(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", file)), seed: 1);

    [TestMethod]
    public void Damaged_safetensors_files_are_refused_or_read_right()
    {
        using var folder = new TempFolder();
        using var network = TinyWeights.Create();
        network.Initialize(1);
        SafeTensorsFile.Write(folder.At("whole"), network.state_dict().Select(entry => (entry.Key, entry.Value.detach())));
        AssertRefusedOrRight(File.ReadAllBytes(folder.At("whole")), seed: 2);
    }

    private static void AssertRefusedOrRight(byte[] whole, int seed)
    {
        using var folder = new TempFolder();
        using var network = TinyWeights.Create();
        var random = new Random(seed);
        int refused = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            string path = folder.Write("damaged", Damage.Of(whole, random));
            try
            {
                WeightsReader.Read(path, network);
                Assert.IsTrue(NetworkWeights.AreFinite(network));
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith($"The weights file '{path}' cannot be used: ", e.Message);
                refused++;
            }
        }
        Assert.IsGreaterThan(200, refused);
        Assert.IsLessThan(MostBytes, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
