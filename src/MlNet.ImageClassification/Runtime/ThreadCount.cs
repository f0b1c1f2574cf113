using static TorchSharp.torch;

namespace MlNet.ImageClassification;

/// <summary>
/// How many threads LibTorch computes with on the CPU. It may start at one, and the number holds for the calling thread only,
/// so the thread that computes has to set it.
/// </summary>
public static class ThreadCount
{
    private static readonly Lazy<int> Cores = new(CountCores);

    /// <summary>
    /// The cores this process may use: processors that share a core count once, as arithmetic gains nothing from the second.
    /// </summary>
    public static int PhysicalCores => Cores.Value;

    /// <summary>
    /// Lets the calling thread compute on all cores, unless the user chose a number by <c>torch.set_num_threads</c> or the
    /// environment variable OMP_NUM_THREADS.
    /// </summary>
    /// <returns>The number of threads the calling thread computes with.</returns>
    public static int UseAllCores()
    {
        int current = get_num_threads();
        if (current > 1 || PhysicalCores == 1 || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OMP_NUM_THREADS")))
            return current;

        // Only when it changes something: setting the number makes LibTorch forget its prepared oneDNN operations.
        set_num_threads(PhysicalCores);
        return PhysicalCores;
    }

    private static int CountCores()
    {
        var cores = Directory.Exists("/sys/devices/system/cpu")
            ? Directory.EnumerateDirectories("/sys/devices/system/cpu", "cpu*")
                .Select(cpu => Path.Combine(cpu, "topology", "thread_siblings_list"))
                .Where(File.Exists)
                .Select(File.ReadAllText)
                .Distinct()
                .Count()
            : 0;
        return cores == 0 ? Environment.ProcessorCount : Math.Min(cores, Environment.ProcessorCount);
    }
}
