using Microsoft.ML;
using Microsoft.ML.Data;
using ML.Conformance.Custom;

namespace ML.Conformance;

[TestClass]
public class PredictionEngineTests
{
    private readonly MLContext _ml = new();

    [TestMethod]
    public void An_engine_predicts_one_object_after_the_other()
    {
        var model = new ScaleTransformer("B", "A", 10).Append(new ScaleTransformer("C", "B", 2));
        using var engine = _ml.Model.CreatePredictionEngine<Input, Output>(model);

        Assert.AreEqual(20f, engine.Predict(new Input { A = 1 }).C);
        Assert.AreEqual(60f, engine.Predict(new Input { A = 3 }).C);
        Output reused = new();
        var same = reused;
        engine.Predict(new Input { A = 2 }, ref reused);
        Assert.AreSame(same, reused);
        Assert.AreEqual(40f, reused.C);
        Assert.AreEqual("A Name B C", string.Join(" ", engine.OutputSchema.Select(column => column.Name)));
        Assert.ThrowsExactly<ArgumentNullException>(() => engine.Predict(null!));
    }

    [TestMethod]
    public void An_engine_owns_its_model_unless_told_otherwise()
    {
        var owned = new ScaleTransformer("B", "A", 1);
        _ml.Model.CreatePredictionEngine<Input, Output>(owned).Dispose();
        Assert.IsTrue(owned.IsDisposed);

        var kept = new ScaleTransformer("B", "A", 1);
        var options = new PredictionEngineOptions { OwnsTransformer = false };
        Assert.IsTrue(options.IgnoreMissingColumns);
        _ml.Model.CreatePredictionEngine<Input, Output>(kept, options).Dispose();
        Assert.IsFalse(kept.IsDisposed);
    }

    [TestMethod]
    public void A_prediction_member_without_column_is_ignored_unless_told_otherwise()
    {
        var model = new ScaleTransformer("B", "A", 10);
        Assert.AreEqual(0f, _ml.Model.CreatePredictionEngine<Input, Output>(model).Predict(new Input { A = 1 }).C);

        var missing = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Model.CreatePredictionEngine<Input, Output>(model, ignoreMissingColumns: false));
        StringAssert.Contains(missing.Message, "column 'C'");
    }

    [TestMethod]
    public void Definitions_say_how_objects_map_to_columns()
    {
        var input = SchemaDefinition.Create(typeof(Input));
        input["A"].ColumnName = "Renamed";
        var output = SchemaDefinition.Create(typeof(Output));
        output["C"].ColumnName = "B";
        var model = new ScaleTransformer("B", "Renamed", 10);

        var engine = _ml.Model.CreatePredictionEngine<Input, Output>(
            model, new PredictionEngineOptions { InputSchemaDefinition = input, OutputSchemaDefinition = output });
        Assert.AreEqual(10f, engine.Predict(new Input { A = 1 }).C);
    }

    [TestMethod]
    public void An_input_schema_gives_the_objects_their_columns_types()
    {
        var model = new ScaleTransformer("C", "A", 10);
        var schema = _ml.Data.LoadFromEnumerable(new List<Input>()).Schema;
        Assert.AreEqual(
            10f, _ml.Model.CreatePredictionEngine<Input, Output>(model, schema).Predict(new Input { A = 1 }).C);

        var other = _ml.Data.LoadFromEnumerable(new List<Output>()).Schema;
        Assert.ThrowsExactly<InvalidOperationException>(
            () => _ml.Model.CreatePredictionEngine<Input, Output>(model, other));
    }

    [TestMethod]
    public void A_model_that_does_not_map_row_by_row_is_refused()
    {
        var refused = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => _ml.Model.CreatePredictionEngine<Input, Output>(new Shuffling()));
        StringAssert.Contains(refused.Message, "Must be a row to row mapper");
    }

    private sealed class Input
    {
        public float A { get; set; }

        public string? Name { get; set; }
    }

    private sealed class Output
    {
        public float C { get; set; }
    }

    private sealed class Shuffling : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IDataView Transform(IDataView input) => input;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public void Save(ModelSaveContext ctx) => throw new NotSupportedException();
    }
}
