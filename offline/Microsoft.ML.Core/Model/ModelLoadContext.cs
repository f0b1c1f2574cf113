using System.Reflection;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>One component's entry in a model file that is being read.</summary>
internal sealed class ModelLoadContext : IDisposable
{
    public const string ModelStreamName = "Model.key";

    /// <summary>Where the component reads its data.</summary>
    public readonly BinaryReader Reader;
    public readonly RepositoryReader Repository;
    public readonly string Directory;
    public readonly string LoaderAssemblyName;
    private readonly IExceptionContext _context;
    private readonly string[] _strings;
    private readonly long _start;
    private readonly ModelHeader _header;

    internal ModelLoadContext(RepositoryReader repository, Stream entry, string directory)
    {
        Repository = repository;
        Directory = directory;
        _context = repository.Context;
        Reader = new BinaryReader(entry, Encoding.UTF8);
        _header = ModelHeader.BeginRead(Reader, out _start, out _strings, out LoaderAssemblyName);
    }

    /// <summary>Makes sure that nothing of the component has been read yet.</summary>
    public void CheckAtModel() => _context.Check(Reader.BaseStream.Position == _start + _header.FpModel);

    /// <summary>Makes sure, too, that the data is of the component's kind, and of a version it can read.</summary>
    public void CheckAtModel(VersionInfo ver)
    {
        CheckAtModel();
        _header.CheckVersionInfo(ver);
    }

    /// <summary>Reads the component in a directory of the model file, or returns null where there is none.</summary>
    public static TRes LoadModelOrNull<TRes>(IHostEnvironment env, RepositoryReader repository, string directory)
        where TRes : class
    {
        using var entry = repository.OpenEntryOrNull(directory, ModelStreamName);
        if (entry is null)
            return null;
        using var context = new ModelLoadContext(repository, entry, directory);
        return context.TryCreate<TRes>(env)
            ?? throw env.ExceptDecode($"Couldn't load model: '{directory}'");
    }

    public static TRes LoadModel<TRes>(IHostEnvironment env, RepositoryReader repository, string directory)
        where TRes : class =>
        LoadModelOrNull<TRes>(env, repository, directory) ?? throw env.ExceptDecode("Corrupt model file");

    /// <summary>Reads a component that is part of this one.</summary>
    public TRes LoadModel<TRes>(IHostEnvironment env, string name)
        where TRes : class =>
        LoadModel<TRes>(env, Repository, Path.Combine(Directory ?? "", name));

    public TRes LoadModelOrNull<TRes>(IHostEnvironment env, string name)
        where TRes : class =>
        LoadModelOrNull<TRes>(env, Repository, Path.Combine(Directory ?? "", name));

    public string LoadStringOrNull()
    {
        int id = Reader.ReadInt32();
        _context.CheckDecode(id >= -1 && id < _strings.Length);
        return id < 0 ? null : _strings[id];
    }

    public string LoadString()
    {
        string text = LoadStringOrNull();
        _context.CheckDecode(text is not null);
        return text;
    }

    public string LoadNonEmptyString()
    {
        string text = LoadString();
        _context.CheckDecode(text.Length > 0);
        return text;
    }

    public void Dispose() => Reader.Dispose();

    private TRes TryCreate<TRes>(IHostEnvironment env)
        where TRes : class
    {
        if (!string.IsNullOrEmpty(LoaderAssemblyName))
            env.ComponentCatalog.RegisterAssembly(Assembly.Load(LoaderAssemblyName));

        foreach (string name in new[] { _header.Loader.ToString(), _header.LoaderAlternative.ToString() })
        {
            if (string.IsNullOrWhiteSpace(name))
                continue;
            if (!ComponentCatalog.TryCreateInstance<TRes, SignatureLoadModel>(env, out var result, name, this))
                continue;
            bool readAll = Reader.BaseStream.Position == _start + _header.FpModel + _header.CbModel;
            _context.CheckDecode(readAll);
            return result;
        }
        return null;
    }
}
