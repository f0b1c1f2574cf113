using System.IO.Compression;
using System.Xml.Linq;

namespace BuildLogic.Tests;

/// <summary>Applications of a stranger, outside the repository, that have our packages from a folder.</summary>
[TestClass]
public sealed class PackageTests
{
    private const string Version = "0.0.1-test";

    private const string ConsoleProgram = """
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
        model.SaveOnnx("model.onnx");
        model.SaveReport("report.html", testData: Images());
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

    // Answers itself one request for each of the two images of the console application, then ends.
    private const string WebProgram = """
        using System.Net.Http.Json;
        using Microsoft.ML;
        using Microsoft.ML.Data;

        var builder = WebApplication.CreateBuilder(args);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");

        var mlContext = new MLContext();
        var model = mlContext.Model.Load(args[0], out _);
        using var engine = mlContext.Model.CreatePredictionEngine<Image, Prediction>(model);
        app.MapPost("/predict", (Image image) =>
        {
            lock (engine)
                return engine.Predict(image);
        });
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        Console.Write("scores");
        foreach (float value in new float[] { 0, 1 })
        {
            var answer = await client.PostAsJsonAsync("/predict", new Image { Features = Enumerable.Repeat(value, 3 * 8 * 8).ToArray() });
            Console.Write(" " + string.Join(' ', (await answer.Content.ReadFromJsonAsync<Prediction>())!.Score));
        }
        await app.StopAsync();

        public sealed class Image
        {
            [VectorType(3, 8, 8)] public float[] Features { get; set; } = [];
        }

        public sealed class Prediction
        {
            public float[] Score { get; set; } = [];
        }
        """;

    private static readonly TempFolder Folder = new();

    [ClassInitialize]
    public static void Pack(TestContext _)
    {
        Dotnet(Repository.Root, "pack", "eng/Pack.proj", "-c", "Release", "-nologo", "-o", Folder.At("feed"), $"-p:MinVerVersionOverride={Version}");
        // Our packages come from the folder and into it; all others are taken from where they have been restored.
        string cache = Dotnet(Folder.Path, "nuget", "locals", "global-packages", "-l").Split(':', 2)[1].Trim();
        Folder.Write("Directory.Build.props", $"""
            <Project>
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <UseCurrentRuntimeIdentifier>true</UseCurrentRuntimeIdentifier>
                <SelfContained>false</SelfContained>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
                <RestorePackagesPath>{Folder.At("packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{cache}</RestoreFallbackFolders>
                <RestoreAdditionalProjectSources>{Folder.At("feed")}</RestoreAdditionalProjectSources>
                <NoWarn>NU1603</NoWarn>
              </PropertyGroup>
            </Project>
            """);
    }

    [ClassCleanup]
    public static void DeleteFolder() => Folder.Dispose();

    [TestMethod]
    public void Every_package_tells_what_a_package_page_shows()
    {
        string[] libraries = [.. Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(folder => Path.GetFileName(folder))
            .Where(name => File.Exists(Path.Combine(Repository.Root, "src", name, $"{name}.csproj")))];
        string[] packages = [.. Directory.GetFiles(Folder.At("feed"), "*.nupkg")];
        CollectionAssert.AreEquivalent(
            libraries.Append("MlNetCnn.Templates").Select(name => $"{name}.{Version}.nupkg").ToArray(), packages.Select(Path.GetFileName).ToArray());
        foreach (string package in packages)
        {
            using var zip = ZipFile.OpenRead(package);
            var metadata = XDocument.Load(zip.Entries.Single(entry => entry.FullName.EndsWith(".nuspec")).Open()).Root!.Elements().Single();
            string Value(string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value ?? "";
            string id = Value("id");
            Assert.AreEqual("MIT", Value("license"), id);
            Assert.AreNotEqual("Package Description", Value("description"), id);
            foreach (string name in new[] { "description", "tags", "authors" })
                Assert.AreNotEqual("", Value(name), $"{id}: {name}");
            foreach (string name in new[] { "icon", "readme" })
                Assert.IsGreaterThan(200L, zip.GetEntry(Value(name))!.Length, $"{id}: {name}");
            if (!libraries.Contains(id))
                continue;
            Assert.IsNotNull(zip.GetEntry($"lib/net10.0/{id}.xml"), id);
            using var symbols = ZipFile.OpenRead(Path.ChangeExtension(package, ".snupkg"));
            Assert.IsNotNull(symbols.GetEntry($"lib/net10.0/{id}.pdb"), id);

            // An application chooses LibTorch.
            var dependencies = metadata.Descendants().Where(element => element.Name.LocalName == "dependency").ToArray();
            Assert.IsEmpty(dependencies.Where(dependency => ((string)dependency.Attribute("id")!).StartsWith("TorchSharp-", StringComparison.Ordinal)), id);
            foreach (var dependency in dependencies.Where(dependency => libraries.Contains((string)dependency.Attribute("id")!)))
                Assert.AreEqual(Version, (string)dependency.Attribute("version")!, id);
        }
    }

    [TestMethod]
    public void A_fresh_application_trains_saves_loads_and_predicts_and_a_web_application_predicts_the_same()
    {
        string console = Write("Console", "Microsoft.NET.Sdk", ConsoleProgram, "MlNet.ResNet.Pretrained MlNet.ImageClassification.Onnx MlNet.ImageClassification.Reports");
        string web = Write("Web", "Microsoft.NET.Sdk.Web", WebProgram, "MlNet.ResNet");

        Dotnet(console, "build", "-c", "Release", "-nologo");
        string trained = Run(console);
        string loaded = Run(console, "predict");
        foreach (string file in new[] { "model.onnx", "report.html" })
            Assert.IsGreaterThan(10_000L, new FileInfo(Path.Combine(console, file)).Length, file);
        Dotnet(web, "build", "-c", "Release", "-nologo");
        string served = Run(web, Path.Combine(console, "model.zip"));

        Assert.StartsWith("scores ", trained);
        Assert.AreEqual(trained, loaded);
        // The console application's eight images are two, in turns.
        CollectionAssert.AreEqual(Scores(trained)[..4], Scores(served));
        Assert.HasCount(1, Directory.GetFiles(Path.Combine(console, "bin"), "ResNet18.onnx", SearchOption.AllDirectories));

        static float[] Scores(string output) => [.. output.Split(' ')[1..].Select(score => float.Parse(score, System.Globalization.CultureInfo.InvariantCulture))];
    }

    [TestMethod]
    public void The_template_gives_a_project_that_trains_on_a_folder_of_photos_and_predicts()
    {
        foreach (var (name, color) in new[] { ("dark", (byte)40), ("light", (byte)200) })
            for (int i = 0; i < 5; i++)
                Folder.Write($"my photos/{name}/{i}.bmp", Bitmap((byte)(color + 5 * i)));
        string hive = Folder.At("hive");
        Dotnet(Folder.Path, "new", "install", Folder.At("feed", $"MlNetCnn.Templates.{Version}.nupkg"), "--debug:custom-hive", hive);

        Dotnet(Folder.Path, "new", "mlnet-cnn", "--images", Folder.At("my photos"), "-o", "My.Photos", "--debug:custom-hive", hive);

        string project = Folder.At("My.Photos");
        string program = File.ReadAllText(Path.Combine(project, "Program.cs"));
        Assert.Contains($"\"\"\"{Folder.At("my photos")}\"\"\"", program);
        // As it is, it takes minutes.
        string cheap = program.Replace("imageSize = 224;", "imageSize = 32;").Replace("epochs = 8;", "epochs = 1;");
        Assert.AreNotEqual(program, cheap);
        File.WriteAllText(Path.Combine(project, "Program.cs"), cheap);
        string build = Dotnet(project, "build", "-c", "Release", "-nologo");
        Assert.Contains("0 Warning(s)", build);
        string output = Run(project);
        Assert.Contains("Starting from the weights in 'ML.NET DnnImageFeaturizer ResNet18 ImageNet'", output);
        Assert.Contains("right of the photos held out: ", output);
        string photo = Folder.At("my photos", "light", "0.bmp");
        Assert.MatchesRegex($"^{System.Text.RegularExpressions.Regex.Escape(photo)}: (dark|light), ", Run(project, photo));
    }

    [TestMethod]
    public void A_build_without_LibTorch_warns_in_an_executable_that_does_not_say_otherwise()
    {
        string library = Write("Library", "Microsoft.NET.Sdk", "public class Nothing;", "MlNet.ImageClassification", "<OutputType>Library</OutputType>", torch: false);
        string executable = Write("Executable", "Microsoft.NET.Sdk", "return 0;", "MlNet.ImageClassification", torch: false);
        const string warning = "warning MLNETCNN001: Executable uses MlNet.ImageClassification, but references no LibTorch";

        Assert.DoesNotContain("MLNETCNN001", Check(library, "-restore"));
        Assert.Contains(warning, Check(executable, "-restore"));
        Assert.DoesNotContain("MLNETCNN001", Check(executable, "-p:MlNetCnnCheckBackend=false"));

        static string Check(string project, string argument) => Dotnet(project, "msbuild", "-nologo", "-v:minimal", "-t:ResolvePackageAssets", argument);
    }

    private static string Write(string name, string sdk, string program, string packages, string properties = "<OutputType>Exe</OutputType>", bool torch = true)
    {
        string versions = File.ReadAllText(Path.Combine(Repository.Root, "Directory.Packages.props"));
        string torchSharp = versions.Split("<TorchSharpVersion>")[1].Split('<')[0];
        Folder.Write($"{name}/Program.cs", program);
        Folder.Write($"{name}/{name}.csproj", $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                {string.Concat(packages.Split(' ').Select(package => $"""<PackageReference Include="{package}" Version="{Version}" />"""))}
                {(torch ? $"""<PackageReference Include="TorchSharp-cpu" Version="{torchSharp}" />""" : "")}
              </ItemGroup>
            </Project>
            """);
        return Folder.At(name);
    }

    /// <summary>A picture of 32 x 32 pixels of one grey in the BMP format.</summary>
    private static byte[] Bitmap(byte grey)
    {
        const int side = 32;
        var pixels = new byte[side * side * 3];
        Array.Fill(pixels, grey);
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("BM"u8);
        writer.Write(54 + pixels.Length);
        writer.Write(0);
        writer.Write(54);
        // The header of the picture: its size, width, height, planes, bits per pixel, and nothing special.
        foreach (int value in new[] { 40, side, side, 1 | 24 << 16, 0, pixels.Length, 2835, 2835, 0, 0 })
            writer.Write(value);
        writer.Write(pixels);
        return file.ToArray();
    }

    private static string Run(string project, params string[] arguments) =>
        Dotnet(project, ["exec", Path.Combine(project, "bin", "Release", "net10.0", Rid, Path.GetFileName(project) + ".dll"), .. arguments]);

    private static string Rid => System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier;

    private static string Dotnet(string folder, params string[] arguments)
    {
        var (exitCode, output) = Command.Run("dotnet", folder, arguments);
        Assert.AreEqual(0, exitCode, output);
        return output.Trim();
    }
}
