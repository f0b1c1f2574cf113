using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

[assembly: LoadableClass(
    typeof(ImageResizingTransformer), null, typeof(SignatureLoadModel), "", ImageResizingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms.Image;

public sealed class ImageResizingEstimator : TrivialEstimator<ImageResizingTransformer>
{
    internal ImageResizingEstimator(IHostEnvironment env, params ColumnOptions[] columns)
        : base(env.Register(nameof(ImageResizingEstimator)), new ImageResizingTransformer(env, columns))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Host.CheckValue(inputSchema, nameof(inputSchema));
        var result = inputSchema.ToDictionary(column => column.Name);
        foreach (var column in Transformer.Columns)
        {
            ColumnChecks.RequireImage(Host, inputSchema, column.InputColumnName);
            result[column.Name] = new SchemaShape.Column(
                column.Name, SchemaShape.Column.VectorKind.Scalar, column.Type, isKey: false);
        }

        return new SchemaShape(result.Values);
    }

    public enum ResizingKind : byte
    {
        IsoPad = 0,
        IsoCrop = 1,
        Fill = 2
    }

    public enum Anchor : byte
    {
        Right = 0,
        Left = 1,
        Top = 2,
        Bottom = 3,
        Center = 4
    }

    internal sealed class ColumnOptions
    {
        public readonly string Name;
        public readonly string InputColumnName;
        public readonly int ImageWidth;
        public readonly int ImageHeight;
        public readonly ResizingKind Resizing;
        public readonly Anchor Anchor;
        public readonly DataViewType Type;

        public ColumnOptions(string name, int imageWidth, int imageHeight, string inputColumnName = null,
            ResizingKind resizing = ResizingKind.IsoCrop, Anchor anchor = Anchor.Center)
        {
            Contracts.CheckNonEmpty(name, nameof(name));
            Contracts.CheckParam(null, imageWidth > 0, nameof(imageWidth));
            Contracts.CheckParam(null, imageHeight > 0, nameof(imageHeight));
            Contracts.CheckParam(null, Enum.IsDefined(resizing), nameof(resizing));
            Contracts.CheckParam(null, Enum.IsDefined(anchor), nameof(anchor));
            Name = name;
            InputColumnName = inputColumnName ?? name;
            ImageWidth = imageWidth;
            ImageHeight = imageHeight;
            Resizing = resizing;
            Anchor = anchor;
            Type = new ImageDataViewType(imageHeight, imageWidth);
        }

        public ImageResizeMode Mode => (Resizing, Anchor) switch
        {
            (ResizingKind.IsoPad, _) => ImageResizeMode.Pad,
            (ResizingKind.Fill, _) => ImageResizeMode.Fill,
            (_, Anchor.Top) => ImageResizeMode.CropAnchorTop,
            (_, Anchor.Bottom) => ImageResizeMode.CropAnchorBottom,
            (_, Anchor.Left) => ImageResizeMode.CropAnchorLeft,
            (_, Anchor.Right) => ImageResizeMode.CropAnchorRight,
            _ => ImageResizeMode.CropAnchorCentral
        };
    }
}

/// <summary>Brings every image to one size. An image that has it already is handed on, not copied.</summary>
public sealed class ImageResizingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "ImageScalerTransform";
    private const string RegistrationName = "ImageScaler";

    internal ImageResizingTransformer(IHostEnvironment env, params ImageResizingEstimator.ColumnOptions[] columns)
        : base(env.Register(RegistrationName), [.. columns.Select(column => (column.Name, column.InputColumnName))])
    {
        Columns = columns;
    }

    private ImageResizingTransformer(IHost host, ModelLoadContext ctx)
        : base(host, ctx)
    {
        var columns = new ImageResizingEstimator.ColumnOptions[ColumnPairs.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            int width = ctx.Reader.ReadInt32();
            int height = ctx.Reader.ReadInt32();
            Host.CheckDecode(width > 0 && height > 0);
            var resizing = (ImageResizingEstimator.ResizingKind)ctx.Reader.ReadByte();
            var anchor = (ImageResizingEstimator.Anchor)ctx.Reader.ReadByte();
            Host.CheckDecode(Enum.IsDefined(resizing) && Enum.IsDefined(anchor));
            var (output, input) = ColumnPairs[i];
            columns[i] = new ImageResizingEstimator.ColumnOptions(output, width, height, input, resizing, anchor);
        }

        Columns = columns;
    }

    internal IReadOnlyList<ImageResizingEstimator.ColumnOptions> Columns { get; }

    private static ImageResizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return new ImageResizingTransformer(env.Register(RegistrationName), ctx);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        foreach (var column in Columns)
        {
            ctx.Writer.Write(column.ImageWidth);
            ctx.Writer.Write(column.ImageHeight);
            ctx.Writer.Write((byte)column.Resizing);
            ctx.Writer.Write((byte)column.Anchor);
        }
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "IMGSCALF",
        verWrittenCur: 0x00010003,
        verReadableCur: 0x00010003,
        verWeCanReadBack: 0x00010003,
        loaderAssemblyName: typeof(ImageResizingTransformer).Assembly.FullName,
        loaderSignature: LoaderSignature);

    private protected override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol)
    {
        var type = inputSchema[srcCol].Type;
        if (type is not ImageDataViewType)
            throw Host.ExceptSchemaMismatch(
                nameof(inputSchema), "input", Columns[col].InputColumnName, "image", type.ToString());
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper(ImageResizingTransformer parent, DataViewSchema inputSchema)
        : OneToOneMapperBase(parent.Host.Register(nameof(Mapper)), parent, inputSchema)
    {
        private readonly ImageResizingTransformer _parent = parent;

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() =>
            [.. _parent.Columns.Select(column => new DataViewSchema.DetachedColumn(column.Name, column.Type))];

        protected override Delegate MakeGetter(
            DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            var options = _parent.Columns[iinfo];
            var mode = options.Mode;
            var getSource = input.GetGetter<MLImage>(input.Schema[ColMapNewToOld[iinfo]]);
            MLImage source = null;
            disposer = null;

            ValueGetter<MLImage> getter = (ref MLImage image) =>
            {
                // As in the real package: the previous row's image goes, even when it is the caller's own, handed on
                // below because it had the right size; and a row without an image leaves the disposed one in place.
                image?.Dispose();
                getSource(ref source);
                if (source is null)
                    return;
                if (source.Height == options.ImageHeight && source.Width == options.ImageWidth)
                {
                    image = source;
                    return;
                }

                image = source.CloneWithResizing(options.ImageWidth, options.ImageHeight, mode);
                image.Tag = source.Tag;
            };
            return getter;
        }
    }
}
