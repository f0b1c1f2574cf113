using Microsoft.ML.Data;

namespace ML.Conformance;

[TestClass]
public class VBufferTests
{
    // 0 7 0 8 0
    private static VBuffer<int> Sparse => new(5, 2, [7, 8], [1, 3]);

    [TestMethod]
    public void A_dense_vector_has_all_its_values()
    {
        var vector = new VBuffer<int>(3, [1, 2, 3, 99]);

        Assert.AreEqual(3, vector.Length);
        Assert.IsTrue(vector.IsDense);
        CollectionAssert.AreEqual(new[] { 1, 2, 3 }, vector.GetValues().ToArray());
        Assert.AreEqual(0, vector.GetIndices().Length);
        CollectionAssert.AreEqual(new[] { 1, 2, 3 }, vector.DenseValues().ToArray());
        Assert.AreEqual(3, vector.GetItemOrDefault(2));
        Assert.AreEqual("Dense vector of size 3", vector.ToString());
    }

    [TestMethod]
    public void A_sparse_vector_has_its_explicit_values_and_defaults_between()
    {
        Assert.AreEqual(5, Sparse.Length);
        Assert.IsFalse(Sparse.IsDense);
        CollectionAssert.AreEqual(new[] { 7, 8 }, Sparse.GetValues().ToArray());
        CollectionAssert.AreEqual(new[] { 1, 3 }, Sparse.GetIndices().ToArray());
        CollectionAssert.AreEqual(new[] { 0, 7, 0, 8, 0 }, Sparse.DenseValues().ToArray());
        Assert.AreEqual("1=7 3=8", string.Join(" ", Sparse.Items().Select(item => $"{item.Key}={item.Value}")));
        Assert.AreEqual(5, Sparse.Items(all: true).Count());
        Assert.AreEqual(8, Sparse.GetItemOrDefault(3));
        Assert.AreEqual(0, Sparse.GetItemOrDefault(4));
        Assert.AreEqual("Sparse vector of size 5, 2 explicit values", Sparse.ToString());
    }

    [TestMethod]
    public void Vectors_refuse_arrays_that_are_too_short_and_indices_out_of_range()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VBuffer<int>(-1, []));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VBuffer<int>(3, [1, 2]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VBuffer<int>(3, 4, [1, 2, 3, 4], null));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VBuffer<int>(3, 2, [1], [0, 1]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new VBuffer<int>(3, 2, [1, 2], [0]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Sparse.GetItemOrDefault(5));
    }

    [TestMethod]
    public void Copying_keeps_sparse_vectors_sparse_and_reuses_the_target()
    {
        var values = new int[5];
        var target = new VBuffer<int>(5, values, new int[5]);
        Sparse.CopyTo(ref target);

        Assert.AreEqual(2, target.GetValues().Length);
        CollectionAssert.AreEqual(new[] { 0, 7, 0, 8, 0 }, target.DenseValues().ToArray());
        Assert.AreEqual(7, values[0]);

        new VBuffer<int>(2, [5, 6]).CopyTo(ref target);
        CollectionAssert.AreEqual(new[] { 5, 6 }, target.DenseValues().ToArray());
        Assert.AreEqual(5, values[0]);
    }

    [TestMethod]
    [DataRow(1, 3, new[] { 7, 0, 8 })]
    [DataRow(2, 3, new[] { 0, 8, 0 })]
    [DataRow(4, 1, new[] { 0 })]
    [DataRow(5, 0, new int[0])]
    public void A_part_of_a_vector_can_be_copied(int start, int length, int[] expected)
    {
        VBuffer<int> part = default;
        Sparse.CopyTo(ref part, start, length);
        CollectionAssert.AreEqual(expected, part.DenseValues().ToArray());

        new VBuffer<int>(5, [0, 7, 0, 8, 0]).CopyTo(ref part, start, length);
        CollectionAssert.AreEqual(expected, part.DenseValues().ToArray());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Sparse.CopyTo(ref part, start, 6));
    }

    [TestMethod]
    public void Copying_to_a_span_fills_the_gaps()
    {
        var plain = new int[5];
        Sparse.CopyTo(plain);
        CollectionAssert.AreEqual(new[] { 0, 7, 0, 8, 0 }, plain);

        int[] shifted = [9, 9, 9, 9, 9, 9, 9];
        Sparse.CopyTo(shifted, 1, -1);
        CollectionAssert.AreEqual(new[] { 9, -1, 7, -1, 8, -1, 9 }, shifted);

        // Where nothing is stored at all, the default asked for is not used.
        int[] empty = [9, 9];
        new VBuffer<int>(2, 0, [], []).CopyTo(empty, 0, -1);
        CollectionAssert.AreEqual(new[] { 0, 0 }, empty);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Sparse.CopyTo(new int[4]));
    }

    [TestMethod]
    public void An_editor_reuses_arrays_that_are_large_enough()
    {
        var array = new float[4];
        var vector = new VBuffer<float>(4, array);
        var editor = VBufferEditor.Create(ref vector, 3);
        editor.Values[2] = 5;
        vector = editor.Commit();

        Assert.AreEqual(3, vector.Length);
        Assert.AreEqual(5f, array[2]);

        editor = VBufferEditor.Create(ref vector, 6, keepOldOnResize: true);
        editor.Values[5] = 6;
        vector = editor.Commit();
        CollectionAssert.AreEqual(new[] { 0f, 0, 5, 0, 0, 6 }, vector.DenseValues().ToArray());
        Assert.AreEqual(0f, array[3]);
    }

    [TestMethod]
    public void An_editor_writes_sparse_vectors_by_index()
    {
        VBuffer<float> vector = default;
        var editor = VBufferEditor.Create(ref vector, 4, 1);
        editor.Indices[0] = 2;
        editor.Values[0] = 3;
        vector = editor.Commit();

        CollectionAssert.AreEqual(new[] { 0f, 0, 3, 0 }, vector.DenseValues().ToArray());
        Assert.AreEqual(0, VBufferEditor.Create(ref vector, 2).Indices.Length);
        Assert.AreEqual(2, VBufferEditor.Create(ref vector, 2, requireIndicesOnDense: true).Indices.Length);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => VBufferEditor.Create(ref vector, -1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => VBufferEditor.Create(ref vector, 2, 3));
    }
}
