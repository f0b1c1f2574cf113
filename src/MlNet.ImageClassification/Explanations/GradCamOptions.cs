namespace MlNet.ImageClassification;

/// <summary>What <c>GradCam</c> can be told.</summary>
/// <remarks>The estimator takes a copy of the options and checks it when it is made.</remarks>
public sealed class GradCamOptions
{
    /// <summary>
    /// The class whose traces are shown: one of the model's class names or, where its labels stand for no values, the number of a
    /// key, from 1.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: the class that is predicted for each image.</value>
    public string? ClassName { get; set; }

    /// <summary>How strongly the colors of the heat cover the image: 0 shows the image alone, 1 the colors alone.</summary>
    /// <value>The default value is 0.5.</value>
    public double Opacity { get; set; } = 0.5;

    /// <summary>
    /// A second column to make, of the heat itself: a vector of Single with the dimensions [height, width], from 0 to 1 at the hottest
    /// place; all zeros where nothing in the image speaks for the class.
    /// </summary>
    /// <value>The default value is <see langword="null"/>: none.</value>
    public string? HeatColumnName { get; set; }

    internal GradCamOptions Copy() => (GradCamOptions)MemberwiseClone();

    /// <exception cref="ArgumentException">An option is unusable; the message names it, its value and the rule.</exception>
    internal void Validate()
    {
        OptionRule.Require(Opacity is >= 0 and <= 1, nameof(Opacity), Opacity, "it must be from 0 to 1");
        OptionRule.Require(
            HeatColumnName is null || !string.IsNullOrWhiteSpace(HeatColumnName), nameof(HeatColumnName), HeatColumnName,
            "it must be the name of a column, or null for none");
    }

    /// <summary>The class in the order of the scores, from 0; null for the predicted one.</summary>
    /// <exception cref="ArgumentException">The model has no such class.</exception>
    internal int? ClassIndexIn(ModelDefinition model)
    {
        if (ClassName is null)
            return null;
        string[] names = NamesOf(model);
        int index = Array.IndexOf(names, ClassName);
        if (index < 0)
            throw new ArgumentException(
                $"{nameof(ClassName)} is '{ClassName}', which is none of the model's {names.Length} classes: {string.Join(", ", names.Take(20))}" +
                $"{(names.Length > 20 ? ", ..." : "")}.", nameof(ClassName));
        return index;
    }

    /// <summary>What the classes of a model are called here, in the order of the scores.</summary>
    internal static string[] NamesOf(ModelDefinition model) =>
        model.Classes.Texts.Count > 0 ? [.. model.Classes.Texts] : [.. Enumerable.Range(1, model.ClassCount).Select(key => FormattableString.Invariant($"{key}"))];

    internal void Write(BinaryWriter writer)
    {
        writer.Write(ClassName is not null);
        writer.Write(ClassName ?? "");
        writer.Write(Opacity);
        writer.Write(HeatColumnName ?? "");
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static GradCamOptions Read(BinaryReader reader)
    {
        bool hasClass = reader.ReadBoolean();
        string name = reader.ReadString();
        return new GradCamOptions
        {
            ClassName = hasClass ? name : null,
            Opacity = reader.ReadDouble(),
            HeatColumnName = reader.ReadString() is { Length: > 0 } heat ? heat : null,
        };
    }
}
