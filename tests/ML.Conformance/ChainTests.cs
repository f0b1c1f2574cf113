using Microsoft.ML;
using Microsoft.ML.Data;
using ML.Conformance.Custom;

namespace ML.Conformance;

[TestClass]
public class ChainTests
{
    private readonly MLContext _ml = new();

    private IDataView Data => _ml.Data.LoadFromEnumerable([new Number { A = 1 }, new Number { A = 2 }]);

    [TestMethod]
    public void Estimators_learn_from_what_the_ones_before_make_of_the_data()
    {
        var chain = new ScaleEstimator("B", "A", 10).Append(new ScaleEstimator("C", "B", 2));
        var model = chain.Fit(Data);

        CollectionAssert.AreEqual(new[] { 20f, 40f }, model.Transform(Data).GetColumn<float>("C").ToArray());
        Assert.AreEqual("A B C", Names(model.GetOutputSchema(Data.Schema)));
        Assert.AreSame(model.Last(), model.LastTransformer);
        Assert.AreEqual(2, model.Count());
        Assert.IsNotNull(chain.LastEstimator);
    }

    [TestMethod]
    public void A_chain_tells_its_output_before_it_learns()
    {
        var shape = new ScaleEstimator("B", "A", 10).Append(new ScaleEstimator("C", "B", 2))
            .GetOutputSchema(ScaleEstimator.ShapeOf(Data.Schema));

        Assert.AreEqual("A B C", string.Join(" ", shape.Select(column => column.Name)));
        Assert.AreEqual(NumberDataViewType.Single, shape[2].ItemType);
        Assert.IsFalse(shape[2].IsKey);
        Assert.AreEqual(SchemaShape.Column.VectorKind.Scalar, shape[2].Kind);
        Assert.AreEqual(0, shape[2].Annotations.Count);
    }

    [TestMethod]
    public void A_shape_knows_kinds_but_no_sizes()
    {
        var builder = new DataViewSchema.Builder();
        var names = new DataViewSchema.Annotations.Builder();
        names.Add<VBuffer<ReadOnlyMemory<char>>>(
            "SlotNames", new VectorDataViewType(TextDataViewType.Instance, 2), Empty);
        builder.AddColumn("V", new VectorDataViewType(NumberDataViewType.Byte, 2), names.ToAnnotations());
        builder.AddColumn("W", new VectorDataViewType(new KeyDataViewType(typeof(uint), 3)));
        var shape = ScaleEstimator.ShapeOf(builder.ToSchema());

        Assert.AreEqual(SchemaShape.Column.VectorKind.Vector, shape[0].Kind);
        Assert.AreEqual("SlotNames", shape[0].Annotations[0].Name);
        Assert.AreEqual(SchemaShape.Column.VectorKind.VariableVector, shape[1].Kind);
        Assert.IsTrue(shape[1].IsKey);
        Assert.AreEqual(NumberDataViewType.UInt32, shape[1].ItemType);

        static void Empty(ref VBuffer<ReadOnlyMemory<char>> value) => value = new(2, new ReadOnlyMemory<char>[2]);
    }

    [TestMethod]
    public void A_broken_chain_is_found_before_anything_is_learned()
    {
        var chain = new ScaleEstimator("B", "A", 10).Append(new ScaleEstimator("C", "Missing", 2));
        Assert.ThrowsExactly<InvalidOperationException>(() => chain.Fit(Data));
    }

    [TestMethod]
    public void Members_outside_the_scoring_scope_are_skipped_by_a_plain_transform()
    {
        var chain = new ScaleEstimator("B", "A", 10)
            .Append(new ScaleEstimator("C", "A", 2), TransformerScope.TrainTest)
            .Append(new ScaleEstimator("D", "A", 3));
        var model = chain.Fit(Data);

        Assert.AreEqual("A B D", Names(model.Transform(Data).Schema));
        Assert.AreEqual("A B D", Names(model.GetOutputSchema(Data.Schema)));
        Assert.AreEqual("A B C D", Names(model.Transform(Data, TransformerScope.Everything).Schema));
        Assert.AreEqual("A B C D", Names(model.GetOutputSchema(Data.Schema, TransformerScope.Testing)));
        Assert.AreEqual(2, model.GetModelFor(TransformerScope.Scoring).Count());
    }

    [TestMethod]
    public void Transformers_can_be_chained_without_estimators()
    {
        ITransformer first = new ScaleTransformer("B", "A", 10);
        var two = first.Append(new ScaleTransformer("C", "B", 2));
        var three = two.Append(new ScaleTransformer("D", "C", 3), TransformerScope.Scoring);

        CollectionAssert.AreEqual(new[] { 60f, 120f }, three.Transform(Data).GetColumn<float>("D").ToArray());
        Assert.AreEqual("A", Names(new TransformerChain<ITransformer>().Transform(Data).Schema));
        var scoped = new TransformerChain<ScaleTransformer>([first], [TransformerScope.Training]);
        Assert.AreEqual("A", Names(scoped.Transform(Data).Schema));
        Assert.ThrowsExactly<InvalidOperationException>(
            () => new TransformerChain<ScaleTransformer>([first], [TransformerScope.Everything, TransformerScope.None]));
    }

    [TestMethod]
    public void A_chain_of_row_to_row_members_maps_rows_itself()
    {
        ITransformer model = new ScaleTransformer("B", "A", 10).Append(new ScaleTransformer("C", "B", 2));
        Assert.IsTrue(model.IsRowToRowMapper);
        var mapper = model.GetRowToRowMapper(Data.Schema);

        Assert.AreSame(Data.Schema.GetType(), mapper.InputSchema.GetType());
        Assert.AreEqual("A B C", Names(mapper.OutputSchema));
        var needed = mapper.GetDependencies([mapper.OutputSchema["C"]]);
        Assert.AreEqual("A", string.Join(" ", needed.Select(column => column.Name)));

        var data = Data;
        mapper = model.GetRowToRowMapper(data.Schema);
        using var cursor = data.GetRowCursor(data.Schema);
        var row = mapper.GetRow(cursor, [mapper.OutputSchema["C"]]);
        var getter = row.GetGetter<float>(mapper.OutputSchema["C"]);
        Assert.IsTrue(cursor.MoveNext());
        float value = 0;
        getter(ref value);
        Assert.AreEqual(20f, value);
        Assert.AreEqual(0, row.Position);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => mapper.GetRow(Data.GetRowCursor(Data.Schema), mapper.OutputSchema));
    }

    [TestMethod]
    public void Disposing_a_chain_disposes_its_members()
    {
        var members = new[] { new ScaleTransformer("B", "A", 10), new ScaleTransformer("C", "A", 10) };
        var chain = members[0].Append(members[1]);
        chain.Dispose();
        chain.Dispose();

        Assert.IsTrue(members.All(member => member.IsDisposed));
    }

    private static string Names(DataViewSchema schema) => string.Join(" ", schema.Select(column => column.Name));

    private sealed class Number
    {
        public float A { get; set; }
    }
}
