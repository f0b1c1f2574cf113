namespace BuildLogic.Tests;

/// <summary>Builds a library with internals and a program that publicizes them, as a project of this repository does.</summary>
[TestClass]
public sealed class PublicizerTests
{
    private const string Library = """
        namespace Guarded;
        public sealed class Door
        {
            internal Door(int code) => Code = code;
            internal readonly int Code;
            internal int Twice() => 2 * Code;
            internal int Half { get => Code / 2; }
            public sealed class Frame { internal sealed class Hinge { public static string Name => "hinge"; } }
        }
        internal static class Cellar { public static string Name => "cellar"; }
        """;

    private const string Program = """
        [assembly: System.Runtime.CompilerServices.IgnoresAccessChecksTo("Guarded")]
        var door = new Guarded.Door(42);
        System.Console.WriteLine($"{door.Code} {door.Twice()} {door.Half} {Guarded.Cellar.Name} {Guarded.Door.Frame.Hinge.Name}");
        namespace System.Runtime.CompilerServices
        {
            [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
            internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
            {
                public string AssemblyName { get; } = assemblyName;
            }
        }
        """;

    private const string AllTypes = "Guarded.Cellar;Guarded.Door+Frame+Hinge";
    private const string AllMembers = "Guarded.Door..ctor;Guarded.Door.Code;Guarded.Door.Twice;Guarded.Door.Half";

    private readonly string _folder = Directory.CreateTempSubdirectory("publicizer").FullName;

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Listed_internals_can_be_compiled_against_and_run()
    {
        WriteProjects(AllTypes, AllMembers);

        var build = Dotnet("build", "Caller");

        Assert.AreEqual(0, build.ExitCode, build.Output);
        var run = Dotnet("exec", Path.Combine(_folder, "Caller/bin/Debug/net10.0/Caller.dll"));
        Assert.AreEqual("42 84 21 cellar hinge", run.Output.Trim());
    }

    [TestMethod]
    public void A_second_build_keeps_the_publicized_copy_and_does_not_compile_again()
    {
        WriteProjects(AllTypes, AllMembers);
        Assert.AreEqual(0, Dotnet("build", "Caller").ExitCode);
        string[] outputs = ["Caller/obj/Debug/net10.0/publicized/Guarded.dll", "Caller/obj/Debug/net10.0/Caller.dll"];
        var before = outputs.Select(o => File.GetLastWriteTimeUtc(Path.Combine(_folder, o))).ToArray();

        Assert.AreEqual(0, Dotnet("build", "Caller").ExitCode);

        CollectionAssert.AreEqual(before, outputs.Select(o => File.GetLastWriteTimeUtc(Path.Combine(_folder, o))).ToArray());
    }

    [TestMethod]
    public void A_change_in_one_of_several_assemblies_is_taken_over()
    {
        WriteProjects(AllTypes, AllMembers);
        string second = File.ReadAllText(Path.Combine(_folder, "Guarded/Guarded.csproj"));
        Write("Attic/Attic.csproj", second);
        Write("Attic/Library.cs", "namespace Attic; internal static class Trunk { public static string Name => \"trunk\"; }");
        string caller = File.ReadAllText(Path.Combine(_folder, "Caller/Caller.csproj"));
        Write("Caller/Caller.csproj", caller.Replace("</ItemGroup>", """
            <ProjectReference Include="../Attic/Attic.csproj" />
            <Publicize Include="Attic" Types="Attic.Trunk" />
            </ItemGroup>
            """));
        Assert.AreEqual(0, Dotnet("build", "Caller").ExitCode);

        Write("Attic/Library.cs", "namespace Attic; internal static class Trunk { public static string Lid => \"lid\"; }");
        Write("Caller/Program.cs", Program.Replace("{Guarded.Cellar.Name}", "{Attic.Trunk.Lid}")
            .Replace("(\"Guarded\")]", "(\"Guarded\"), System.Runtime.CompilerServices.IgnoresAccessChecksTo(\"Attic\")]"));
        var build = Dotnet("build", "Caller");

        Assert.AreEqual(0, build.ExitCode, build.Output);
        var run = Dotnet("exec", Path.Combine(_folder, "Caller/bin/Debug/net10.0/Caller.dll"));
        Assert.AreEqual("42 84 21 lid hinge", run.Output.Trim());
    }

    [TestMethod]
    public void What_is_not_listed_stays_internal()
    {
        WriteProjects(AllTypes, "Guarded.Door..ctor;Guarded.Door.Code;Guarded.Door.Half");

        var build = Dotnet("build", "Caller");

        Assert.AreNotEqual(0, build.ExitCode);
        StringAssert.Contains(build.Output, "'Door' does not contain a definition for 'Twice'");
    }

    [TestMethod]
    public void A_missing_type_fails_the_build_and_is_named()
    {
        WriteProjects(AllTypes + ";Guarded.Attic", AllMembers);

        var build = Dotnet("build", "Caller");

        Assert.AreNotEqual(0, build.ExitCode);
        StringAssert.Contains(build.Output, "Guarded.dll has no type 'Guarded.Attic'");
    }

    [TestMethod]
    public void A_missing_member_fails_the_build_and_is_named()
    {
        WriteProjects(AllTypes, AllMembers + ";Guarded.Door.Slam");

        var build = Dotnet("build", "Caller");

        Assert.AreNotEqual(0, build.ExitCode);
        StringAssert.Contains(build.Output, "Guarded.dll has no member 'Guarded.Door.Slam'");
    }

    [TestMethod]
    public void An_assembly_that_is_not_referenced_fails_the_build_and_is_named()
    {
        WriteProjects(AllTypes, AllMembers, assembly: "Elsewhere");

        var build = Dotnet("build", "Caller");

        Assert.AreNotEqual(0, build.ExitCode);
        StringAssert.Contains(build.Output, "Publicize names the assembly 'Elsewhere', which this project does not reference");
    }

    private void WriteProjects(string types, string members, string assembly = "Guarded")
    {
        Write("Guarded/Guarded.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ProduceReferenceAssembly>false</ProduceReferenceAssembly>
              </PropertyGroup>
            </Project>
            """);
        Write("Guarded/Library.cs", Library);
        Write("Caller/Caller.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <UseAppHost>false</UseAppHost>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="../Guarded/Guarded.csproj" />
                <Publicize Include="{assembly}" Types="{types}" Members="{members}" />
              </ItemGroup>
              <Import Project="{Path.Combine(Repository.Root, "eng/Publicizer.targets")}" />
            </Project>
            """);
        Write("Caller/Program.cs", Program);
    }

    private void Write(string path, string content)
    {
        var file = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    private (int ExitCode, string Output) Dotnet(string command, string target) => Command.Run("dotnet", _folder, command, target);
}
