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
                : T.CreateChecked(NormalCdf(double.CreateChecked(values[i] - means[i]) / double.CreateChecked(deviations[i])));
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

    private static double NormalCdf(double value) => 0.5 * (1 + Erf(value / Math.Sqrt(2)));

    /// <summary>The error function to seven digits: formula 7.1.26 of Abramowitz and Stegun.</summary>
    private static double Erf(double value)
    {
        double t = 1 / (1 + 0.3275911 * Math.Abs(value));
        double series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
        return Math.Sign(value) * (1 - series * Math.Exp(-value * value));
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
