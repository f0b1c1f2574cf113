using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(SlotFunction), typeof(AffineFunctionLoader), null, typeof(SignatureLoadModel),
    "Affine normalizer", AffineFunctionLoader.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>(value - offset) * scale</summary>
internal sealed class AffineFunction<T>(T[] scales, T[] offsets) : SlotFunction<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int AllSlots = -1;

    public override int SlotCount => scales.Length;

    protected override void Apply(Span<T> values)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = (values[i] - offsets[i]) * scales[i];
    }

    public override void Save(ModelSaveContext ctx)
    {
        ctx.SetVersionInfo(AffineFunctionLoader.Version());
        ctx.Writer.Write(Marshal.SizeOf<T>());
        ctx.Writer.Write(scales.Length);
        ctx.Writer.Write(AllSlots);
        ctx.Writer.Write(scales.Length);
        WriteArray(ctx.Writer, scales);
        ctx.Writer.Write(offsets.Length);
        WriteArray(ctx.Writer, offsets);
    }

    public static AffineFunction<T> Load(ModelLoadContext ctx)
    {
        int size = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(size > 0 && ctx.Reader.ReadInt32() == AllSlots && ctx.Reader.ReadInt32() == size, "Corrupt normalizer");
        var scales = ReadArray<T>(ctx.Reader, size);
        int offsetCount = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(offsetCount == 0 || offsetCount == size, "Corrupt normalizer");
        var offsets = ReadArray<T>(ctx.Reader, offsetCount);
        return new AffineFunction<T>(scales, offsetCount == 0 ? new T[size] : offsets);
    }
}

/// <summary>Tells from the size of the numbers which type they are of.</summary>
internal static class AffineFunctionLoader
{
    public const string LoaderSignature = "AffineNormExec";

    public static VersionInfo Version() =>
        new("AFF NORM", 0x00010003, 0x00010003, 0x00010003, typeof(AffineFunctionLoader).Assembly.FullName, LoaderSignature);

    private static SlotFunction Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        int numberSize = ctx.Reader.ReadInt32();
        env.CheckDecode(numberSize is sizeof(float) or sizeof(double));
        return numberSize == sizeof(float) ? AffineFunction<float>.Load(ctx) : AffineFunction<double>.Load(ctx);
    }
}
