using Microsoft.ML;
using Microsoft.ML.Data;

// Loads the model of the path given, applies it to the numbers given, and prints its schema and the Scaled column.
var ml = new MLContext();
var model = ml.Model.Load(args[0], out var schema);
Console.WriteLine(schema is null ? "no schema" : string.Join("; ", schema));
var rows = args.Skip(1).Select(text => new Row { Value = float.Parse(text) });
Console.WriteLine(string.Join(" ", model.Transform(ml.Data.LoadFromEnumerable(rows)).GetColumn<float>("Scaled")));

internal sealed class Row
{
    public float Value { get; set; }
}
