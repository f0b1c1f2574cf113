using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(SlotFunction), typeof(CdfFunctionLoader), null, typeof(SignatureLoadModel),
    "Cdf normalizer", CdfFunctionLoader.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>The probability that a normal variable of the slot's mean and deviation is not above the value.</summary>
internal sealed class CdfFunction<T>(T[] means, T[] deviations) : SlotFunction<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public override int SlotCount => means.Length;

    protected override void Apply(Span<T> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            // A constant slot has deviation 0 and tells nothing, nor does a value that is no number.
            values[i] = T.IsZero(deviations[i]) || !T.IsFinite(values[i])
                ? T.Zero
                : NormalCdf((values[i] - means[i]) / deviations[i]);
        }
    }

    public override void Save(ModelSaveContext ctx)
    {
        ctx.SetVersionInfo(CdfFunctionLoader.Version());
        ctx.Writer.Write(Marshal.SizeOf<T>());
        ctx.Writer.Write(false);
        ctx.Writer.Write(means.Length);
        WriteArray(ctx.Writer, means);
        WriteArray(ctx.Writer, deviations);
    }

    public static CdfFunction<T> Load(ModelLoadContext ctx)
    {
        bool isLogarithmic = ctx.Reader.ReadByte() != 0;
        int size = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(!isLogarithmic && size > 0, "Corrupt normalizer");
        return new CdfFunction<T>(ReadArray<T>(ctx.Reader, size), ReadArray<T>(ctx.Reader, size));
    }

    // The error function by Winitzki's approximation, true to four digits, as in the real package.
    private static T NormalCdf(T value)
    {
        T half = value * value / T.CreateChecked(2);
        T weighted = T.CreateChecked(0.147) * half;
        double exponent = -double.CreateChecked(half) * (4 / Math.PI + double.CreateChecked(weighted))
            / double.CreateChecked(T.One + weighted);
        return T.CreateChecked(0.5 + 0.5 * T.Sign(value) * Math.Sqrt(1 - Math.Exp(exponent)));
    }
}

/// <summary>Tells from the size of the numbers which type they are of.</summary>
internal static class CdfFunctionLoader
{
    public const string LoaderSignature = "CdfNormalizeFunction";

    public static VersionInfo Version() =>
        new("CDFNORMF", 0x00010001, 0x00010001, 0x00010001, typeof(CdfFunctionLoader).Assembly.FullName, LoaderSignature);

    private static SlotFunction Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        int numberSize = ctx.Reader.ReadInt32();
        env.CheckDecode(numberSize is sizeof(float) or sizeof(double));
        return numberSize == sizeof(float) ? CdfFunction<float>.Load(ctx) : CdfFunction<double>.Load(ctx);
    }
}
