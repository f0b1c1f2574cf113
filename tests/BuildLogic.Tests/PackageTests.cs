namespace BuildLogic.Tests;

/// <summary>An application of a stranger, outside the repository, that has our packages from a folder.</summary>
[TestClass]
public sealed class PackageTests
{
    private const string Application = """
        using Microsoft.ML;
        using Microsoft.ML.Data;
        using MlNet.ImageClassification;
        using MlNet.ResNet;

        var mlContext = new MLContext(seed: 1);
        if (args is ["predict"])
        {
            // Knows ML.NET only: the trainer's types are found by the model file.
            using var loaded = (IDisposable)mlContext.Model.Load("model.zip", out _);
            Print((ITransformer)loaded);
            return;
        }
        var options = new ResNetOptions { Epoch = 1, BatchSize = 4, Precision = ComputePrecision.Float32 };
        using var model = mlContext.MulticlassClassification.Trainers.ResNet18(options).Fit(Images());
        mlContext.Model.Save(model, null, "model.zip");
        Print(model);

        IDataView Images() => mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 8).Select(i => new Image
        {
            Label = (uint)(i % 2), Features = Enumerable.Repeat((float)(i % 2), 3 * 8 * 8).ToArray(),
        }));

        void Print(ITransformer scorer) => Console.WriteLine(
            "scores " + string.Join(' ', scorer.Transform(Images()).GetColumn<float[]>("Score").SelectMany(scores => scores)));

        public sealed class Image
        {
            [KeyType(2)] public uint Label { get; set; }
            [VectorType(3, 8, 8)] public float[] Features { get; set; } = [];
        }
        """;

    private readonly TempFolder _folder = new();

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public void A_fresh_application_trains_saves_loads_and_predicts_with_the_packages()
    {
        foreach (var library in new[] { "MlNet.ImageClassification", "MlNet.ResNet", "MlNet.ResNet.Pretrained" })
            Dotnet(Repository.Root, "pack", $"src/{library}", "-c", "Release", "-nologo", "-o", _folder.At("feed"), "-p:Version=0.0.1-test");
        WriteApplication();

        Dotnet(_folder.At("application"), "build", "-c", "Release", "-nologo");
        var trained = Dotnet(_folder.At("application"), "run", "-c", "Release", "--no-build");
        var loaded = Dotnet(_folder.At("application"), "run", "-c", "Release", "--no-build", "predict");

        StringAssert.StartsWith(trained, "scores ");
        Assert.AreEqual(trained, loaded);
        Assert.HasCount(1, Directory.GetFiles(_folder.At("application", "bin"), "ResNet18.onnx", SearchOption.AllDirectories));
    }

    /// <summary>Our packages come from the folder and into it; all others are taken from where they have been restored.</summary>
    private void WriteApplication()
    {
        var cache = Dotnet(_folder.Path, "nuget", "locals", "global-packages", "-l").Split(':', 2)[1].Trim();
        var versions = File.ReadAllText(Path.Combine(Repository.Root, "Directory.Packages.props"));
        var torchSharp = versions.Split("<TorchSharpVersion>")[1].Split('<')[0];
        _folder.Write("application/Program.cs", Application);
        _folder.Write("application/Application.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <UseCurrentRuntimeIdentifier>true</UseCurrentRuntimeIdentifier>
                <SelfContained>false</SelfContained>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
                <RestorePackagesPath>{_folder.At("packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{cache}</RestoreFallbackFolders>
                <RestoreAdditionalProjectSources>{_folder.At("feed")}</RestoreAdditionalProjectSources>
                <NoWarn>NU1603</NoWarn>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="MlNet.ResNet.Pretrained" Version="0.0.1-test" />
                <PackageReference Include="TorchSharp-cpu" Version="{torchSharp}" />
              </ItemGroup>
            </Project>
            """);
    }

    private static string Dotnet(string folder, params string[] arguments)
    {
        var (exitCode, output) = Command.Run("dotnet", folder, arguments);
        Assert.AreEqual(0, exitCode, output);
        return output.Trim();
    }
}
