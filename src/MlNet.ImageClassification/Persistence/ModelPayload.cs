using Microsoft.ML.Data;

namespace MlNet.ImageClassification;

/// <summary>The content of a saved classifier: a checked header, then the weights, each tensor checked.</summary>
internal static class ModelPayload
{
    // 2 added the normalization, the label's column and what becomes of bad images; 3 the test-time augmentation.
    private const int Format = 3;

    public static void Write(BinaryWriter writer, ModelDefinition model, NetworkWeights weights)
    {
        writer.Write(Format);
        CheckedBlock.Write(writer, block => Write(block, model));
        weights.Write(writer);
    }

    /// <summary>Writes what a model is, for a file that holds its weights elsewhere.</summary>
    public static void WriteDefinition(BinaryWriter block, ModelDefinition model)
    {
        block.Write(Format);
        Write(block, model);
    }

    /// <summary>Reads what <see cref="WriteDefinition"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is of a later version.</exception>
    public static ModelDefinition ReadDefinition(BinaryReader block) => ReadDefinition(block, ReadFormat(block));

    /// <summary>Reads what <see cref="Write(BinaryWriter, ModelDefinition, NetworkWeights)"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The model is damaged or of a later version.</exception>
    public static (ModelDefinition Model, NetworkWeights Weights) Read(BinaryReader reader)
    {
        int format = ReadFormat(reader);
        var model = CheckedBlock.Read(reader, "the header of the image classifier", block => ReadDefinition(block, format));
        return (model, NetworkWeights.Read(reader));
    }

    private static int ReadFormat(BinaryReader reader)
    {
        int format = reader.ReadInt32();
        return format is >= 1 and <= Format
            ? format
            : throw new InvalidDataException(
                $"The image classifier is saved in format {format}; this library reads formats 1 to {Format}. Use a newer library.");
    }

    private static void Write(BinaryWriter block, ModelDefinition model)
    {
        block.Write(model.FamilyAssembly);
        block.Write(model.FamilyName);
        block.Write(model.Architecture);
        block.Write(model.Layout.Shape.Channels);
        block.Write(model.Layout.Shape.Height);
        block.Write(model.Layout.Shape.Width);
        block.Write(model.Layout.Interleaved);
        block.Write(model.Layout.IsBytes);
        block.Write(model.ClassCount);
        block.Write((int)model.Classes.Kind);
        block.Write(model.Classes.Texts.Count);
        foreach (string name in model.Classes.Texts)
            block.Write(name);
        block.Write(model.FeatureColumnName);
        block.Write(model.ScoreColumnName);
        block.Write(model.PredictedLabelColumnName);
        block.Write((int)model.Precision);
        model.Normalization.Write(block);
        block.Write(model.LabelColumnName ?? "");
        block.Write((int)model.BadImages);
        block.Write((int)model.TestTimeAugmentation);
    }

    private static ModelDefinition ReadDefinition(BinaryReader block, int format)
    {
        string assembly = block.ReadString();
        string family = block.ReadString();
        string architecture = block.ReadString();
        var shape = new ImageShape(block.ReadInt32(), block.ReadInt32(), block.ReadInt32());
        var layout = new ImageLayout(shape, block.ReadBoolean(), block.ReadBoolean());
        int classCount = block.ReadInt32();
        var kind = (DataKind)block.ReadInt32();
        var names = Enumerable.Range(0, CheckedBlock.ReadCount(block, sizeof(byte), "class names")).Select(_ => block.ReadString()).ToArray();
        var model = new ModelDefinition(
            assembly, family, architecture, layout, ChannelNormalization.None, classCount, KeyNames.FromTexts(kind, names),
            block.ReadString(), block.ReadString(), block.ReadString(), (ComputePrecision)block.ReadInt32(),
            LabelColumnName: null, BadImagePolicy.Fail);

        if (format >= 2)
            model = model with
            {
                Normalization = ChannelNormalization.Read(block),
                LabelColumnName = block.ReadString() is { Length: > 0 } label ? label : null,
                BadImages = (BadImagePolicy)block.ReadInt32(),
            };

        if (format >= 3)
            model = model with { TestTimeAugmentation = (TestTimeAugmentation)block.ReadInt32() };

        if (classCount < 2 || (names.Length != 0 && names.Length != classCount))
            throw new InvalidDataException($"it has {classCount} classes with {names.Length} names");
        if (shape.Channels < 1 || shape.Height < 1 || shape.Width < 1)
            throw new InvalidDataException($"its images are {shape}");
        if (!Enum.IsDefined(model.Precision))
            throw new InvalidDataException($"its precision is {(int)model.Precision}");
        if (!Enum.IsDefined(model.BadImages))
            throw new InvalidDataException($"its policy for bad images is {(int)model.BadImages}");
        if (!Enum.IsDefined(model.TestTimeAugmentation))
            throw new InvalidDataException($"its test-time augmentation is {(int)model.TestTimeAugmentation}");
        if (model.Normalization != ChannelNormalization.None && model.Normalization.Mean.Count != shape.Channels)
            throw new InvalidDataException($"its normalization has {model.Normalization.Mean.Count} channels, its images {shape.Channels}");
        return model;
    }
}
