namespace Cifar10Loader.Tests;

/// <summary>Runs a test only where a Python with numpy and torchvision is installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonConditionAttribute : ConditionBaseAttribute
{
    public PythonConditionAttribute()
        : base(ConditionMode.Include) => IgnoreMessage = "No python3 with numpy and torchvision was found.";

    public override string GroupName => "Python";

    public override bool IsConditionMet => Python.Executable is not null;
}

/// <summary>Runs a test only where the environment variable MLNETCNN_DATA names a folder with a given data set.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealDataConditionAttribute : ConditionBaseAttribute
{
    private readonly string _folder;
    private readonly string _archive;

    /// <param name="folder">The data set unpacked.</param>
    /// <param name="archive">The data set packed.</param>
    public RealDataConditionAttribute(string folder, string archive)
        : base(ConditionMode.Include)
    {
        _folder = folder;
        _archive = archive;
        IgnoreMessage = $"MLNETCNN_DATA names no folder with '{folder}' or '{archive}'.";
    }

    public override string GroupName => "RealData";

    public override bool IsConditionMet => Directory.Exists(RealData.PathOf(_folder)) || File.Exists(RealData.PathOf(_archive));
}
