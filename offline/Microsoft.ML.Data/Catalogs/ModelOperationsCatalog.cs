using System.Text;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Saving and loading models, and predicting with them row by row.</summary>
public sealed partial class ModelOperationsCatalog : IInternalCatalog
{
    private const string ModelDirectory = "TransformerChain";
    private const string SchemaEntryName = "Schema";
    private readonly IHostEnvironment _environment;

    internal ModelOperationsCatalog(IHostEnvironment environment) => _environment = environment;

    IHostEnvironment IInternalCatalog.Environment => _environment;

    public void Save(ITransformer model, DataViewSchema inputSchema, Stream stream)
    {
        _environment.CheckValue(stream, nameof(stream));
        using var repository = new RepositoryWriter(stream, _environment);
        ModelSaveContext.SaveModel(repository, model, ModelDirectory);
        if (inputSchema is not null)
        {
            using var channel = _environment.Start("Saving Schema");
            using var writer = new BinaryWriter(repository.CreateEntry(null, SchemaEntryName), Encoding.UTF8);
            SchemaFile.Write(writer, inputSchema, channel);
        }
        repository.Commit();
    }

    public void Save(ITransformer model, DataViewSchema inputSchema, string filePath)
    {
        _environment.CheckNonEmpty(filePath, nameof(filePath));
        using var stream = File.Create(filePath);
        Save(model, inputSchema, stream);
    }

    public ITransformer Load(Stream stream, out DataViewSchema inputSchema)
    {
        _environment.CheckValue(stream, nameof(stream));
        using var repository = new RepositoryReader(stream, _environment);
        inputSchema = null;
        if (repository.OpenEntryOrNull(null, SchemaEntryName) is { } entry)
        {
            using var reader = new BinaryReader(entry, Encoding.UTF8);
            inputSchema = SchemaFile.Read(reader);
        }
        return ModelLoadContext.LoadModelOrNull<ITransformer>(_environment, repository, ModelDirectory)
            ?? throw (inputSchema is null
                ? _environment.Except("Could not load legacy format model")
                : _environment.ExceptDecode("Corrupt model file"));
    }

    public ITransformer Load(string filePath, out DataViewSchema inputSchema)
    {
        _environment.CheckNonEmpty(filePath, nameof(filePath));
        using var stream = File.OpenRead(filePath);
        return Load(stream, out inputSchema);
    }
}
