namespace Cifar10Loader;

/// <summary>Sizes and file names that every version of CIFAR-10 and CIFAR-100 shares.</summary>
internal static class CifarFormat
{
    public const int Side = 32;
    public const int Channels = 3;
    public const int PlaneBytes = Side * Side;
    public const int PixelBytes = Channels * PlaneBytes;

    public const string ClassNamesFile = "batches.meta.txt";
    public const string BinaryFolder = "cifar-10-batches-bin";
    public const string PythonFolder = "cifar-10-batches-py";

    public static readonly string[] TrainingBatches =
        ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"];

    public static readonly string[] TestBatches = ["test_batch"];

    public static string[] Batches(Cifar10Split split) => split switch
    {
        Cifar10Split.Train => TrainingBatches,
        Cifar10Split.Test => TestBatches,
        _ => throw new ArgumentOutOfRangeException(
            nameof(split), split, "The split must be Cifar10Split.Train or Cifar10Split.Test."),
    };

    public static string[] BinaryBatches(Cifar10Split split) => [.. Batches(split).Select(name => name + ".bin")];
}
