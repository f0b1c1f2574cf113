using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

[assembly: LoadableClass(
    typeof(ImageLoadingTransformer), null, typeof(SignatureLoadModel), "", ImageLoadingTransformer.LoaderSignature)]

namespace Microsoft.ML.Data;

public sealed class ImageLoadingEstimator : TrivialEstimator<ImageLoadingTransformer>
{
    internal ImageLoadingEstimator(
        IHostEnvironment env, string imageFolder, params (string outputColumnName, string inputColumnName)[] columns)
        : base(env.Register(nameof(ImageLoadingEstimator)), new ImageLoadingTransformer(env, imageFolder, columns))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Host.CheckValue(inputSchema, nameof(inputSchema));
        var result = inputSchema.ToDictionary(column => column.Name);
        foreach (var (output, input) in Transformer.ColumnPairs)
        {
            ColumnChecks.RequireScalar<TextDataViewType>(
                Host, inputSchema, input, TextDataViewType.Instance.ToString());
            result[output] = new SchemaShape.Column(
                output, SchemaShape.Column.VectorKind.Scalar, new ImageDataViewType(), isKey: false);
        }

        return new SchemaShape(result.Values);
    }
}

/// <summary>Reads the image file that each row names; one row's image lives until the next row is read.</summary>
public sealed class ImageLoadingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "ImageLoaderTransform";

    private readonly string _imageFolder;

    internal ImageLoadingTransformer(
        IHostEnvironment env, string imageFolder, params (string outputColumnName, string inputColumnName)[] columns)
        : base(env.Register(nameof(ImageLoadingTransformer)), columns)
    {
        if (string.IsNullOrEmpty(imageFolder))
            return;
        if (!Directory.Exists(imageFolder))
            throw new ArgumentException($"Directory \"{imageFolder}\" does not exist.");
        _imageFolder = Path.GetFullPath(imageFolder);
    }

    private ImageLoadingTransformer(IHost host, ModelLoadContext ctx)
        : base(host, ctx)
    {
        _imageFolder = ctx.LoadStringOrNull();
        bool loadsImages = ctx.Reader.ReadBoolean();
        Host.CheckDecode(loadsImages, "The model loads raw image bytes, which this build cannot.");
    }

    private static ImageLoadingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return new ImageLoadingTransformer(env.Register(nameof(ImageLoadingTransformer)), ctx);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        ctx.SaveStringOrNull(_imageFolder);
        // Images, rather than raw bytes.
        ctx.Writer.Write(true);
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "IMGLOADR",
        verWrittenCur: 0x00010003,
        verReadableCur: 0x00010003,
        verWeCanReadBack: 0x00010003,
        loaderAssemblyName: typeof(ImageLoadingTransformer).Assembly.FullName,
        loaderSignature: LoaderSignature);

    private protected override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol)
    {
        var type = inputSchema[srcCol].Type;
        if (type is not TextDataViewType)
            throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", ColumnPairs[col].inputColumnName,
                TextDataViewType.Instance.ToString(), type.ToString());
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper(ImageLoadingTransformer parent, DataViewSchema inputSchema)
        : OneToOneMapperBase(parent.Host.Register(nameof(Mapper)), parent, inputSchema)
    {
        private readonly ImageLoadingTransformer _parent = parent;

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() =>
        [
            .. _parent.ColumnPairs.Select(
                pair => new DataViewSchema.DetachedColumn(pair.outputColumnName, new ImageDataViewType()))
        ];

        protected override Delegate MakeGetter(
            DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            var getPath = input.GetGetter<ReadOnlyMemory<char>>(input.Schema[ColMapNewToOld[iinfo]]);
            ReadOnlyMemory<char> path = default;
            MLImage lastImage = null;
            disposer = () => lastImage?.Dispose();

            ValueGetter<MLImage> getter = (ref MLImage image) =>
            {
                image?.Dispose();
                image = null;
                getPath(ref path);
                // A row without a path has no image.
                if (path.Length > 0)
                    image = Load(path.ToString());
                lastImage = image;
            };
            return getter;
        }

        private MLImage Load(string path)
        {
            if (!string.IsNullOrWhiteSpace(_parent._imageFolder))
                path = Path.Combine(_parent._imageFolder, path);
            var image = MLImage.CreateLazily(path);
            image.Tag = path;
            return image;
        }
    }
}
