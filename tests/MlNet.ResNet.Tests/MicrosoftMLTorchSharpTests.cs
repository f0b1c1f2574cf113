using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.TorchSharp;
using Microsoft.ML.TorchSharp.AutoFormerV2;

namespace MlNet.ResNet.Tests;

/// <summary>
/// ML.NET's own deep-learning library in one process with ours. It is compiled for TorchSharp 0.102.7 and meets the version
/// that our applications run.
/// </summary>
[TestClass]
public sealed class MicrosoftMLTorchSharpTests
{
    private static readonly Assembly Theirs = typeof(ObjectDetectionTrainer).Assembly;

    [TestMethod]
    public void Its_trainers_and_ours_are_made_from_one_context_and_share_one_TorchSharp()
    {
        var ml = new MLContext(seed: 1);
        var trainers = ml.MulticlassClassification.Trainers;

        Assert.IsNotNull(trainers.TextClassification());
        Assert.IsNotNull(trainers.NamedEntityRecognition());
        Assert.IsNotNull(trainers.QuestionAnswer());
        Assert.IsNotNull(trainers.ObjectDetection());
        Assert.IsNotNull(ml.Regression.Trainers.SentenceSimilarity());
        using var model = trainers.ResNet18(TinyImages.Options<ResNetOptions>(epochs: 1, batchSize: 6, learningRate: 0.01)).Fit(ml.Keyed(TinyImages.Floats(6)));

        Assert.HasCount(1, AppDomain.CurrentDomain.GetAssemblies().Where(assembly => assembly.GetName().Name == "TorchSharp").ToArray());
    }

    [TestMethod]
    public void The_one_call_that_later_TorchSharp_lacks_is_object_detections_interpolate()
    {
        CollectionAssert.AreEqual(new[] { "functional.interpolate" }, MissingMethods(Theirs.ManifestModule).ToArray());
    }

    [TestMethod]
    [WithoutCudaCondition]
    [DataRow(null, false)]
    [DataRow(null, true)]
    [DataRow(3, false)]
    [DataRow(3, true)]
    public void Where_there_is_no_CUDA_both_read_the_contexts_GPU_and_its_fallback_alike(int? gpuDeviceId, bool fallbackToCpu)
    {
        var ml = new MLContext(seed: 1) { GpuDeviceId = gpuDeviceId, FallbackToCpu = fallbackToCpu };
        var options = TinyImages.Options<ResNetOptions>(epochs: 1, batchSize: 6, learningRate: 0.01);
        options.Device = ImageClassification.ComputeDevice.Auto;

        Assert.AreEqual(Runs(() => TheirDevice(ml)), Runs(() => new ResNet18Trainer(ml, options).Fit(ml.Keyed(TinyImages.Floats(6))).Dispose()));
    }

    private static bool Runs(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception e) when (e is TargetInvocationException or InvalidOperationException)
        {
            return false;
        }
    }

    private static void TheirDevice(MLContext ml) =>
        Theirs.GetType("Microsoft.ML.TorchSharp.Utils.TorchUtils", throwOnError: true)!
            .GetMethod("InitializeDevice", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!
            .Invoke(null, [ml]);

    /// <summary>The methods that a module refers to and the loaded assemblies do not have.</summary>
    private static IEnumerable<string> MissingMethods(Module module)
    {
        // Table 0x0A of the metadata, MemberRef; its rows count from 1.
        for (var token = 0x0A000001; ; token++)
        {
            string missing;
            try
            {
                module.ResolveMember(token);
                continue;
            }
            catch (ArgumentOutOfRangeException)
            {
                yield break;
            }
            catch (ArgumentException)
            {
                // A member of a generic type that only its caller knows: none of TorchSharp's.
                continue;
            }
            catch (MissingMethodException e)
            {
                missing = e.Message;
            }
            // "Method not found: 'Tensor functional.interpolate(Tensor, ...)'."
            yield return missing.Split('\'')[1].Split('(')[0].Split(' ')[1];
        }
    }
}
