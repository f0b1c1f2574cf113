using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>One component's entry in a model file that is being written.</summary>
public sealed class ModelSaveContext : IDisposable
{
    /// <summary>Where the component writes its data.</summary>
    internal readonly BinaryWriter Writer;
    internal readonly RepositoryWriter Repository;
    internal readonly string Directory;
    private readonly IExceptionContext _context;
    private readonly List<string> _strings = [];
    private readonly Dictionary<string, int> _idByString = [];
    private readonly long _start;
    private ModelHeader _header;
    private string _loaderAssemblyName;

    internal ModelSaveContext(RepositoryWriter repository, string directory, string name)
    {
        Repository = repository;
        Directory = directory;
        _context = repository.Context;
        Writer = new BinaryWriter(repository.CreateEntry(directory, name), Encoding.UTF8);
        _header = ModelHeader.BeginWrite(Writer, out _start);
    }

    /// <summary>Makes sure that nothing of the component has been written yet.</summary>
    internal void CheckAtModel() => _context.Check(Writer.BaseStream.Position == _start + _header.FpModel);

    internal void SetVersionInfo(VersionInfo ver)
    {
        _header.SetVersionInfo(ver);
        _loaderAssemblyName = ver.LoaderAssemblyName;
    }

    /// <summary>Writes a component, with those it is made of, into a directory of the model file.</summary>
    internal static void SaveModel(RepositoryWriter repository, ICanSaveModel model, string directory)
    {
        if (model is null)
            return;
        using var context = new ModelSaveContext(repository, directory, ModelLoadContext.ModelStreamName);
        model.Save(context);
        context.Done();
    }

    /// <summary>Writes a component that is part of this one.</summary>
    internal void SaveModel(ICanSaveModel model, string name) =>
        SaveModel(Repository, model, Path.Combine(Directory ?? "", name));

    internal void SaveStringOrNull(string text)
    {
        if (text is null)
            Writer.Write(-1);
        else
            SaveString(text);
    }

    internal void SaveString(string text)
    {
        _context.CheckValue(text, nameof(text));
        if (!_idByString.TryGetValue(text, out int id))
        {
            id = _strings.Count;
            _strings.Add(text);
            _idByString.Add(text, id);
        }
        Writer.Write(id);
    }

    internal void SaveNonEmptyString(string text)
    {
        _context.CheckNonEmpty(text, nameof(text));
        SaveString(text);
    }

    private void Done()
    {
        _context.Check(_header.ModelSignature != 0, "ModelSignature not specified!");
        _header.EndWrite(Writer, _start, _strings, _loaderAssemblyName);
    }

    public void Dispose() => Writer.Dispose();
}
