using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MlNet.ImageClassification;

// The one page that touches what ML.NET keeps internal: how a transformer is saved in a model file and found again when
// the file is loaded. The publicizer lets it compile, the attribute below lets it run.
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]

[assembly: LoadableClass(
    typeof(ImageClassificationTransformer), typeof(ModelFiles), null, typeof(SignatureLoadModel),
    "Image classification by a convolutional network", ModelFiles.ClassifierLoader)]

[assembly: LoadableClass(
    typeof(NormalizeChannelsTransformer), typeof(NormalizeChannelsFiles), null, typeof(SignatureLoadModel),
    "Normalization of image channels", ModelFiles.NormalizerLoader)]

[assembly: LoadableClass(
    typeof(LoadImageFilesTransformer), typeof(LoadImageFilesFiles), null, typeof(SignatureLoadModel),
    "Loading of image files", ModelFiles.ImageLoader)]

[assembly: LoadableClass(
    typeof(FeaturizeImagesTransformer), typeof(FeaturizeImagesFiles), null, typeof(SignatureLoadModel),
    "Features of a convolutional network", ModelFiles.FeaturizerLoader)]

[assembly: LoadableClass(
    typeof(GradCamTransformer), typeof(GradCamFiles), null, typeof(SignatureLoadModel),
    "Heat maps of what a convolutional network sees", ModelFiles.GradCamLoader)]

namespace MlNet.ImageClassification
{
    /// <summary>Saves and loads the classifier; ML.NET finds <c>Create</c> by the attribute above.</summary>
    internal static class ModelFiles
    {
        // At most 24 characters, and unique among all loadable classes of a process.
        public const string ClassifierLoader = "MlNetImageClassifier";
        public const string NormalizerLoader = "MlNetNormalizeChannels";
        public const string ImageLoader = "MlNetLoadImageFiles";
        public const string FeaturizerLoader = "MlNetFeaturizeImages";
        public const string GradCamLoader = "MlNetGradCam";

        // Raise the first when the format changes; the second when old libraries cannot read what this one writes.
        private const uint VersionWritten = 0x00010001;
        private const uint VersionReadable = 0x00010001;
        private const uint OldestVersionRead = 0x00010001;

        public static void Save(ModelSaveContext ctx, ImageClassificationTransformer transformer)
        {
            Begin(ctx, "IMGCLASS", ClassifierLoader);
            ModelPayload.Write(ctx.Writer, transformer.Definition, transformer.Weights);
        }

        /// <summary>Writes what every model starts with.</summary>
        public static void Begin(ModelSaveContext ctx, string modelSignature, string loader)
        {
            ctx.CheckAtModel();
            ctx.SetVersionInfo(Version(modelSignature, loader));
        }

        /// <summary>Checks what every model starts with.</summary>
        public static BinaryReader Begin(ModelLoadContext ctx, string modelSignature, string loader)
        {
            ctx.CheckAtModel(Version(modelSignature, loader));
            return ctx.Reader;
        }

        /// <summary>Where a model that was loaded scores.</summary>
        public static ComputeTarget TargetOf(ModelDefinition definition, IHostEnvironment env)
        {
            LibTorch.Load();
            using var log = new TrainingLog(env);
            return ComputeTarget.ResolveToScore(GpuChoice.Apply(ComputeDevice.Auto, env, log), definition.Precision, log);
        }

        private static ImageClassificationTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
        {
            var (definition, weights) = ModelPayload.Read(Begin(ctx, "IMGCLASS", ClassifierLoader));
            var target = TargetOf(definition, env);
            return new ImageClassificationTransformer(definition, weights, target, env, definition.BuildNetwork(weights));
        }

        // The assembly's simple name: with the full one, an older library could not load what a newer one saved.
        private static VersionInfo Version(string modelSignature, string loader) => new(
            modelSignature, VersionWritten, VersionReadable, OldestVersionRead,
            typeof(ModelFiles).Assembly.GetName().Name!, loader);
    }

    /// <summary>Saves and loads the channel normalization.</summary>
    internal static class NormalizeChannelsFiles
    {
        private const string Signature = "NORMCHAN";

        public static void Save(ModelSaveContext ctx, NormalizeChannelsTransformer transformer)
        {
            ModelFiles.Begin(ctx, Signature, ModelFiles.NormalizerLoader);
            CheckedBlock.Write(ctx.Writer, transformer.Write);
        }

        private static NormalizeChannelsTransformer Create(IHostEnvironment env, ModelLoadContext ctx) =>
            CheckedBlock.Read(
                ModelFiles.Begin(ctx, Signature, ModelFiles.NormalizerLoader), "the channel normalization",
                NormalizeChannelsTransformer.Read);
    }

    /// <summary>Saves and loads the transformer that reads image files.</summary>
    internal static class LoadImageFilesFiles
    {
        private const string Signature = "LOADIMGS";

        public static void Save(ModelSaveContext ctx, LoadImageFilesTransformer transformer)
        {
            ModelFiles.Begin(ctx, Signature, ModelFiles.ImageLoader);
            CheckedBlock.Write(ctx.Writer, transformer.Write);
        }

        private static LoadImageFilesTransformer Create(IHostEnvironment env, ModelLoadContext ctx) =>
            CheckedBlock.Read(
                ModelFiles.Begin(ctx, Signature, ModelFiles.ImageLoader), "the loading of image files",
                reader => LoadImageFilesTransformer.Read(env, reader));
    }

    /// <summary>Saves and loads the transformer that gives images their features.</summary>
    internal static class FeaturizeImagesFiles
    {
        private const string Signature = "IMGFEATS";

        public static void Save(ModelSaveContext ctx, FeaturizeImagesTransformer transformer)
        {
            ModelFiles.Begin(ctx, Signature, ModelFiles.FeaturizerLoader);
            transformer.Write(ctx.Writer);
        }

        private static FeaturizeImagesTransformer Create(IHostEnvironment env, ModelLoadContext ctx) =>
            FeaturizeImagesTransformer.Read(ModelFiles.Begin(ctx, Signature, ModelFiles.FeaturizerLoader), env);
    }

    /// <summary>Saves and loads the transformer that shows what a network sees.</summary>
    internal static class GradCamFiles
    {
        private const string Signature = "IMGRDCAM";

        public static void Save(ModelSaveContext ctx, GradCamTransformer transformer)
        {
            ModelFiles.Begin(ctx, Signature, ModelFiles.GradCamLoader);
            transformer.Write(ctx.Writer);
        }

        private static GradCamTransformer Create(IHostEnvironment env, ModelLoadContext ctx) =>
            GradCamTransformer.Read(ModelFiles.Begin(ctx, Signature, ModelFiles.GradCamLoader), env);
    }
}

namespace System.Runtime.CompilerServices
{
    /// <summary>Tells the runtime that this assembly may use the internals of another.</summary>
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
    {
        public string AssemblyName { get; } = assemblyName;
    }
}
