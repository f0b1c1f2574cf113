using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Documents.Tests;

/// <summary>
/// The C# of the documents compiles: each block is a program of its own, with the namespaces and variables of <see cref="Given"/>
/// and the types that other blocks of its page declare.
/// </summary>
[TestClass]
public sealed class CodeTests
{
    private const string Given = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Text.Json;
        global using System.Threading;
        global using Cifar10Loader;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.ObjectPool;
        global using Microsoft.ML;
        global using Microsoft.ML.Data;
        global using Microsoft.ML.OnnxRuntime;
        global using Microsoft.ML.OnnxRuntime.Tensors;
        global using Microsoft.ML.Transforms.Image;
        global using MlNet.Distributed;
        global using MlNet.ImageClassification;
        global using MlNet.ResNet;
        global using MlNet.ResNet.Pretrained;
        global using MlNet.ShuffleNet;
        global using static Given;

        public static class Given
        {
            public static readonly MLContext mlContext = new();
            public static readonly IDataView data = null!, photos = null!, images = null!, training = null!, validation = null!, test = null!;
            public static readonly IDataView rows = null!, trainingData = null!, testData = null!;
            public static readonly ImageClassificationTransformer model = null!, classifier = null!;
            public static readonly EstimatorChain<ImageClassificationTransformer> pipeline = null!;
            public static readonly Microsoft.AspNetCore.Builder.WebApplicationBuilder builder = null!;
            public static readonly byte[] bytes = [], pixels = [];
        }
        """;

    public static IEnumerable<string> PathsWithCode => Document.Paths.Where(path => new Document(path).CSharp.Any());

    [TestMethod]
    [DynamicData(nameof(PathsWithCode))]
    public void The_code_of_a_page_compiles(string path)
    {
        var blocks = new Document(path).CSharp.ToArray();

        var errors =
            from block in blocks
            from error in Compile(block.Code, blocks.Select(other => other.Code).Where(other => other != block.Code))
            select $"{path}({block.Line + error.Location.GetLineSpan().StartLinePosition.Line}): {error.GetMessage(null)}";

        Assert.AreEqual("", string.Join("\n", errors));
    }

    [TestMethod]
    public void Code_with_an_unknown_name_does_not_compile() =>
        Assert.Contains("Epochs", Compile("var options = new ResNetOptions { Epochs = 3 };", []).Single().GetMessage(null));

    private static IEnumerable<Diagnostic> Compile(string code, IEnumerable<string> others)
    {
        var program = CSharpSyntaxTree.ParseText(code);
        var own = Types(program).Select(type => type.Identifier.Text).ToHashSet();
        var theirs = others.SelectMany(other => Types(CSharpSyntaxTree.ParseText(other))).Where(type => own.Add(type.Identifier.Text));
        bool hasStatements = program.GetCompilationUnitRoot().Members.OfType<GlobalStatementSyntax>().Any();
        var compilation = CSharpCompilation.Create(
            "Snippet",
            [program, CSharpSyntaxTree.ParseText(Given), .. theirs.Select(type => CSharpSyntaxTree.ParseText(type.ToFullString()))],
            References,
            new CSharpCompilationOptions(
                hasStatements ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        return compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
    }

    private static IEnumerable<BaseTypeDeclarationSyntax> Types(SyntaxTree tree) =>
        tree.GetCompilationUnitRoot().Members.OfType<BaseTypeDeclarationSyntax>();

    // What this process could load, except the assemblies of examples, whose programs are classes of the same name.
    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file) is not ("QuickStart.dll" or "Documents.Tests.dll"))
            .Select(file => MetadataReference.CreateFromFile(file))];
}
