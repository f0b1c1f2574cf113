using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML;
using TorchSharp;
using static TorchSharp.torch;

namespace MlNet.ImageClassification.Tests;

[TestClass]
public sealed class SignalStackTests
{
    [TestMethod]
    [AmxCondition]
    public void A_null_reference_is_caught_on_threads_that_scored_in_bfloat16() => AssertSurvives(ScoreAndCatch);

    [TestMethod]
    [AmxCondition]
    public void A_null_reference_is_caught_on_a_thread_that_trained_in_bfloat16() => AssertSurvives(TrainAndCatch);

    // The same on processors without AMX: instead of the signal's frame growing, the stack shrinks.
    [TestMethod]
    [LinuxOnX64Condition]
    public void A_network_gives_the_thread_it_computes_on_a_stack_that_holds_the_handler()
    {
        const int KilledBySegmentationFault = 128 + 11;
        Assert.AreEqual(KilledBySegmentationFault, FreshProcess.Call(CatchOnSmallStack).ExitCode);
        AssertSurvives(ComputeAndCatchOnSmallStack);
    }

    [TestMethod]
    [LinuxOnX64Condition]
    public void Stacks_of_ended_threads_are_freed() => AssertSurvives(EndThreads);

    [TestMethod]
    [LinuxOnX64Condition]
    public void A_stack_that_DotNet_did_not_make_is_left_to_its_owner() => AssertSurvives(ReplaceStackOfOthers);

    public static void ScoreAndCatch()
    {
        ImageClassificationTransformer model = null!;
        OnNewThread(() => model = Train());
        var ml = new MLContext(seed: 1);
        ml.Predict(model, 20);
        UseTiles();
        CatchNullReference();
        Task.Run(() =>
        {
            using var engine = ml.Model.CreatePredictionEngine<FloatImage, Prediction>(model);
            engine.Predict(TinyImages.Floats(1)[0]);
            UseTiles();
            CatchNullReference();
        }).Wait();
    }

    public static void TrainAndCatch()
    {
        Train();
        UseTiles();
        CatchNullReference();
    }

    public static void CatchOnSmallStack() => OnNewThread(() =>
    {
        UseSmallStack();
        CatchNullReference();
    });

    public static void ComputeAndCatchOnSmallStack() => OnNewThread(() =>
    {
        UseSmallStack();
        Train();
        CatchNullReference();
    });

    public static void EndThreads()
    {
        const int Count = 1000;
        EndThreads(20);
        var before = Mapped();
        EndThreads(Count);
        var after = Mapped();
        // A leak of the old stack is two mappings a thread, one of the new stack 64 KiB; what the collector and the other
        // threads of the process take in the meantime is far less.
        Assert.IsLessThan(before.Regions + Count / 2, after.Regions);
        Assert.IsLessThan(before.Bytes + Count * 32L * 1024, after.Bytes);
    }

    public static void ReplaceStackOfOthers() => OnNewThread(() =>
    {
        nint start = UseSmallStack(guardPage: false);
        SignalStack.Ensure();
        CatchNullReference();
        Marshal.WriteByte(start, 1);
    });

    private static void EndThreads(int count)
    {
        for (int i = 0; i < count; i++)
            OnNewThread(() =>
            {
                UseSmallStack();
                SignalStack.Ensure();
                CatchNullReference();
            });
    }

    // The regions of memory the process has, and the bytes in those it can write.
    private static (int Regions, long Bytes) Mapped()
    {
        string[] regions = File.ReadAllLines("/proc/self/maps");
        return (regions.Length, regions.Select(region => region.Split(' ', '-'))
            .Where(parts => parts[2].StartsWith("rw", StringComparison.Ordinal))
            .Sum(parts => Convert.ToInt64(parts[1], 16) - Convert.ToInt64(parts[0], 16)));
    }

    private static ImageClassificationTransformer Train()
    {
        var options = TinyImages.Options<ImageClassificationOptions>(epochs: 1, batchSize: 16, learningRate: 0.1);
        options.Precision = ComputePrecision.BFloat16;
        return new TinyTrainer(options).Fit(new MLContext(seed: 1).Keyed(TinyImages.Floats(60)));
    }

    // Whether the tiny network's own convolutions do is the library's choice.
    private static void UseTiles()
    {
        using var scope = NewDisposeScope();
        nn.functional.conv2d(ones([8, 64, 16, 16], ScalarType.BFloat16), ones([64, 64, 3, 3], ScalarType.BFloat16));
    }

    private static void CatchNullReference()
    {
        string? nothing = null;
        Assert.ThrowsExactly<NullReferenceException>(() => nothing!.GetHashCode());
    }

    private static void OnNewThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }

    private static void AssertSurvives(Action program)
    {
        var child = FreshProcess.Call(program);
        Assert.AreEqual(0, child.ExitCode, child.Errors);
    }

    // Like the stack .NET makes for a thread, its guard page unreadable, but with a single page to use: room for the signal's
    // frame, not for the handler.
    private static nint UseSmallStack(bool guardPage = true)
    {
        const int ReadWrite = 3, PrivateAnonymous = 0x22;
        nint page = Environment.SystemPageSize;
        nint start = mmap(0, 2 * page, ReadWrite, PrivateAnonymous, -1, 0);
        Assert.AreEqual(0, mprotect(start, page, guardPage ? 0 : ReadWrite));
        Assert.AreEqual(0, sigaltstack(new Stack(start, 0, 2 * page), out var made));
        Assert.AreEqual(0, munmap(made.Start, made.Size));
        return start;
    }

    private readonly record struct Stack(nint Start, int Flags, nint Size);

    [DllImport("libc")]
    private static extern int sigaltstack(in Stack next, out Stack previous);

    [DllImport("libc")]
    private static extern nint mmap(nint address, nint size, int protection, int flags, int file, nint offset);

    [DllImport("libc")]
    private static extern int mprotect(nint address, nint size, int protection);

    [DllImport("libc")]
    private static extern int munmap(nint address, nint size);

    private sealed class LinuxOnX64ConditionAttribute() : PlatformConditionAttribute("LinuxOnX64", "Not Linux on x64.")
    {
        public override bool IsConditionMet => OperatingSystem.IsLinux() && X86Base.X64.IsSupported;
    }

    private sealed class AmxConditionAttribute() : PlatformConditionAttribute("Amx", "No AMX here, or not Linux.")
    {
        // The flag AMX-BF16: leaf 7, sub-leaf 0, EDX bit 22.
        public override bool IsConditionMet => OperatingSystem.IsLinux() && X86Base.IsSupported
            && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Edx & (1 << 22)) != 0;
    }

    [AttributeUsage(AttributeTargets.Method)]
    private abstract class PlatformConditionAttribute : ConditionBaseAttribute
    {
        protected PlatformConditionAttribute(string name, string otherwise)
            : base(ConditionMode.Include) => (GroupName, IgnoreMessage) = (name, otherwise);

        public override string GroupName { get; }
    }
}
