using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

[assembly: LoadableClass(typeof(ImagePixelExtractingTransformer), null, typeof(SignatureLoadModel), "",
    ImagePixelExtractingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms.Image;

public sealed class ImagePixelExtractingEstimator : TrivialEstimator<ImagePixelExtractingTransformer>
{
    internal ImagePixelExtractingEstimator(IHostEnvironment env, params ColumnOptions[] columns)
        : base(env.Register(nameof(ImagePixelExtractingEstimator)), new ImagePixelExtractingTransformer(env, columns))
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
                column.Name, SchemaShape.Column.VectorKind.Vector, column.ItemType, isKey: false);
        }

        return new SchemaShape(result.Values);
    }

    [Flags]
    public enum ColorBits : byte
    {
        Alpha = 0x01,
        Red = 0x02,
        Green = 0x04,
        Blue = 0x08,
        Rgb = Red | Green | Blue,
        All = Alpha | Red | Green | Blue
    }

    public enum ColorsOrder : byte
    {
        ARGB = 1,
        ARBG = 2,
        ABRG = 3,
        ABGR = 4,
        AGRB = 5,
        AGBR = 6
    }

    internal static class Defaults
    {
        public const ColorsOrder Order = ColorsOrder.ARGB;
        public const ColorBits Colors = ColorBits.Rgb;
        public const bool Interleave = false;
        public const bool Convert = true;
        public const float Scale = 1;
        public const float Offset = 0;
    }

    internal sealed class ColumnOptions
    {
        public readonly string Name;
        public readonly string InputColumnName;
        public readonly ColorBits ColorsToExtract;
        public readonly ColorsOrder OrderOfExtraction;
        public readonly bool InterleavePixelColors;
        public readonly float OffsetImage = Defaults.Offset;
        public readonly float ScaleImage = Defaults.Scale;
        public readonly bool OutputAsFloatArray;

        /// <summary>The extracted channels in the order they come out.</summary>
        public readonly ColorBits[] Planes;

        public ColumnOptions(string name, string inputColumnName, ColorBits colorsToExtract,
            ColorsOrder orderOfExtraction, bool interleavePixelColors, float offsetImage, float scaleImage,
            bool outputAsFloatArray)
        {
            Contracts.CheckNonWhiteSpace(null, name, nameof(name));
            Name = name;
            InputColumnName = inputColumnName ?? name;
            ColorsToExtract = colorsToExtract;
            OrderOfExtraction = orderOfExtraction;
            InterleavePixelColors = interleavePixelColors;
            OutputAsFloatArray = outputAsFloatArray;
            Planes = InOrder(orderOfExtraction, colorsToExtract);
            Contracts.CheckParam(
                Planes.Length > 0, nameof(colorsToExtract), "Need to use at least one color plane.");

            // Bytes are taken as they are.
            if (outputAsFloatArray)
            {
                OffsetImage = offsetImage;
                ScaleImage = scaleImage;
            }

            Contracts.CheckParam(null, float.IsFinite(OffsetImage), nameof(offsetImage));
            Contracts.CheckParam(null, float.IsFinite(ScaleImage) && ScaleImage != 0, nameof(scaleImage));
        }

        public PrimitiveDataViewType ItemType =>
            OutputAsFloatArray ? NumberDataViewType.Single : NumberDataViewType.Byte;

        public VectorDataViewType OutputType(ImageDataViewType image) => InterleavePixelColors
            ? new VectorDataViewType(ItemType, image.Height, image.Width, Planes.Length)
            : new VectorDataViewType(ItemType, Planes.Length, image.Height, image.Width);

        public static ColumnOptions Load(string name, string inputColumnName, ModelLoadContext ctx)
        {
            var colors = (ColorBits)ctx.Reader.ReadByte();
            Contracts.CheckDecode(colors != 0 && (colors & ColorBits.All) == colors, "No such colors.");
            var order = (ColorsOrder)ctx.Reader.ReadByte();
            Contracts.CheckDecode(Enum.IsDefined(order), "No such order of colors.");
            bool asFloats = ctx.Reader.ReadBoolean();
            float offset = ctx.Reader.ReadSingle();
            float scale = ctx.Reader.ReadSingle();
            bool interleave = ctx.Reader.ReadBoolean();
            return new ColumnOptions(name, inputColumnName, colors, order, interleave, offset, scale, asFloats);
        }

        public void Save(ModelSaveContext ctx)
        {
            ctx.Writer.Write((byte)ColorsToExtract);
            ctx.Writer.Write((byte)OrderOfExtraction);
            ctx.Writer.Write(OutputAsFloatArray);
            ctx.Writer.Write(OffsetImage);
            ctx.Writer.Write(ScaleImage);
            ctx.Writer.Write(InterleavePixelColors);
        }

        private static ColorBits[] InOrder(ColorsOrder order, ColorBits colors) =>
        [
            .. order.ToString().Select(letter => letter switch
            {
                'A' => ColorBits.Alpha,
                'R' => ColorBits.Red,
                'G' => ColorBits.Green,
                'B' => ColorBits.Blue,
                _ => default
            }).Where(color => (colors & color) != 0)
        ];
    }
}

/// <summary>Turns images of known size into vectors.</summary>
public sealed class ImagePixelExtractingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "ImagePixelExtractor";
    private const string RegistrationName = LoaderSignature;

    internal ImagePixelExtractingTransformer(
        IHostEnvironment env, params ImagePixelExtractingEstimator.ColumnOptions[] columns)
        : base(env.Register(RegistrationName), [.. columns.Select(column => (column.Name, column.InputColumnName))])
    {
        Columns = columns;
    }

    private ImagePixelExtractingTransformer(IHost host, ModelLoadContext ctx)
        : base(host, ctx)
    {
        Columns =
        [
            .. ColumnPairs.Select(pair => ImagePixelExtractingEstimator.ColumnOptions.Load(
                pair.outputColumnName, pair.inputColumnName, ctx))
        ];
    }

    internal IReadOnlyList<ImagePixelExtractingEstimator.ColumnOptions> Columns { get; }

    private static ImagePixelExtractingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        return new ImagePixelExtractingTransformer(env.Register(RegistrationName), ctx);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        foreach (var column in Columns)
            column.Save(ctx);
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "IMGPXEXT",
        verWrittenCur: 0x00010003,
        verReadableCur: 0x00010003,
        verWeCanReadBack: 0x00010003,
        loaderAssemblyName: typeof(ImagePixelExtractingTransformer).Assembly.FullName,
        loaderSignature: LoaderSignature);

    private protected override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol)
    {
        string name = Columns[col].InputColumnName;
        if (inputSchema[srcCol].Type is not ImageDataViewType image)
            throw Host.ExceptSchemaMismatch(
                nameof(inputSchema), "input", name, "image", inputSchema[srcCol].Type.ToString());
        if (image.Height <= 0 || image.Width <= 0)
            throw Host.ExceptSchemaMismatch(
                nameof(inputSchema), "input", name, "known-size image", "unknown-size image");
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper(ImagePixelExtractingTransformer parent, DataViewSchema inputSchema)
        : OneToOneMapperBase(parent.Host.Register(nameof(Mapper)), parent, inputSchema)
    {
        private readonly ImagePixelExtractingTransformer _parent = parent;

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() =>
        [
            .. _parent.Columns.Select((column, i) =>
                new DataViewSchema.DetachedColumn(column.Name, column.OutputType(ImageTypeOf(i))))
        ];

        protected override Delegate MakeGetter(
            DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            var options = _parent.Columns[iinfo];
            return options.OutputAsFloatArray
                ? MakeGetter<float>(input, iinfo, options, PixelExtraction.ToFloats, out disposer)
                : MakeGetter<byte>(input, iinfo, options, PixelExtraction.ToBytes, out disposer);
        }

        private ValueGetter<VBuffer<TValue>> MakeGetter<TValue>(DataViewRow input, int iinfo,
            ImagePixelExtractingEstimator.ColumnOptions options, Extract<TValue> extract, out Action disposer)
        {
            var type = ImageTypeOf(iinfo);
            int size = options.OutputType(type).Size;
            var getImage = input.GetGetter<MLImage>(input.Schema[ColMapNewToOld[iinfo]]);
            MLImage image = null;
            disposer = () => image?.Dispose();

            return (ref VBuffer<TValue> pixels) =>
            {
                getImage(ref image);
                if (image is null)
                {
                    pixels = VBufferEditor.Create(ref pixels, size, valuesCount: 0).Commit();
                    return;
                }

                Host.Check(image.Height == type.Height && image.Width == type.Width);
                var editor = VBufferEditor.Create(ref pixels, size);
                extract(image, options, editor.Values);
                pixels = editor.Commit();
            };
        }

        private ImageDataViewType ImageTypeOf(int iinfo) => (ImageDataViewType)InputSchema[ColMapNewToOld[iinfo]].Type;

        private delegate void Extract<TValue>(
            MLImage image, ImagePixelExtractingEstimator.ColumnOptions options, Span<TValue> values);
    }
}
