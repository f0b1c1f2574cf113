using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharpConformance;

[TestClass]
public class LifetimeTests
{
    [TestMethod]
    public void A_scope_disposes_what_was_created_in_it()
    {
        Tensor inside;
        using (DisposeScope scope = NewDisposeScope())
        {
            inside = ones(3);
            Assert.AreSame(scope, CurrentDisposeScope);
            Assert.IsTrue(scope.Contains(inside));
            Assert.AreEqual(1, scope.DisposablesCount);
        }
        Assert.IsTrue(inside.IsInvalid);
    }

    [TestMethod]
    public void The_live_count_returns_to_where_it_was()
    {
        ThreadDisposeScopeStatistics statistics = DisposeScopeManager.Statistics;
        statistics.Reset();
        long before = statistics.ThreadTotalLiveCount;
        using (NewDisposeScope())
        {
            Tensor x = ones(2, 2).requires_grad_();
            (x * 2 + 1).sum().backward();
            x.grad!.mul_(2);
            Assert.IsGreaterThan(before, statistics.ThreadTotalLiveCount);
        }
        using (Tensor outside = ones(2))
        {
            Assert.AreEqual(before + 1, statistics.ThreadTotalLiveCount);
        }
        Assert.AreEqual(before, statistics.ThreadTotalLiveCount);
        Assert.AreEqual(statistics.CreatedInScopeCount, statistics.DisposedInScopeCount);
        Assert.AreEqual(1, statistics.CreatedOutsideScopeCount);
        Assert.AreEqual(0, statistics.DetachedFromScopeCount);
    }

    [TestMethod]
    public void The_total_count_counts_the_tensors_of_all_threads()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Tensor.TotalCount;

        Tensor mine = ones(1);
        Tensor other = Task.Run(() => ones(1)).Result;
        Assert.AreEqual(before + 2, Tensor.TotalCount);

        // A parameter empties the tensor it is made of, but both count, and the empty one for good.
        using (var parameter = nn.Parameter(mine))
        {
            Assert.AreEqual(before + 3, Tensor.TotalCount);
        }
        mine.Dispose();
        other.Dispose();
        Assert.AreEqual(before + 1, Tensor.TotalCount);
    }

    [TestMethod]
    public void A_tensor_can_move_to_the_outer_scope()
    {
        using DisposeScope outer = NewDisposeScope();
        Tensor first, second, third;
        using (DisposeScope inner = NewDisposeScope())
        {
            first = ones(1).MoveToOuterDisposeScope();
            second = inner.MoveToOuter(ones(1));
            (third, Tensor fourth) = inner.MoveToOuter(ones(1), ones(1));
            inner.MoveToOuter(new[] { fourth }.AsEnumerable());
        }
        Assert.IsFalse(first.IsInvalid || second.IsInvalid || third.IsInvalid);
        Assert.IsTrue(outer.Contains(first) && outer.Contains(second) && outer.Contains(third));
    }

    [TestMethod]
    public void A_detached_tensor_outlives_every_scope()
    {
        Tensor first, second, third, fourth, fifth;
        using (DisposeScope scope = NewDisposeScope())
        {
            first = ones(1).DetachFromDisposeScope();
            second = scope.Detach(ones(1));
            (third, fourth) = scope.Detach(ones(1), ones(1));
            fifth = ones(1);
            scope.Detach(new[] { fifth }.AsEnumerable());
        }
        foreach (Tensor tensor in new[] { first, second, third, fourth, fifth })
        {
            Assert.IsFalse(tensor.IsInvalid);
            tensor.Dispose();
        }
    }

    [TestMethod]
    public void A_tensor_can_be_attached_and_moved_between_scopes()
    {
        Tensor free = ones(1), other = ones(1), many = ones(1);
        using (DisposeScope first = NewDisposeScope())
        {
            Tensor resident = ones(1);
            using DisposeScope second = NewDisposeScope();
            second.Attach(free);
            Assert.HasCount(1, second.Attach(new IDisposable[] { many }.AsEnumerable()));
            Assert.IsTrue(second.Contains(free));
            second.MoveToOther(first, free);
            other.MoveToOtherDisposeScope(second);
            other.MoveToOtherDisposeScope(resident);
            Assert.IsTrue(first.Contains(free) && first.Contains(other));
            second.MarkAsDisposed(many);
            Assert.IsFalse(second.Contains(many));
        }
        Assert.IsTrue(free.IsInvalid && other.IsInvalid);
        Assert.IsFalse(many.IsInvalid);
        many.Dispose();
    }

    [TestMethod]
    public void A_scope_can_be_emptied_but_for_some()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gone = ones(1), kept = scope.DisposeEverythingBut(ones(1));
        Assert.IsTrue(gone.IsInvalid);
        Assert.IsFalse(kept.IsInvalid);
        Tensor second = ones(1);
        scope.DisposeEverythingBut(new[] { second }.AsEnumerable());
        Assert.IsTrue(kept.IsInvalid);
        scope.DisposeEverything();
        Assert.IsTrue(second.IsInvalid);
    }

    [TestMethod]
    public void A_wrapped_expression_leaves_only_its_result()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor inner = null!;
        Tensor result = WrappedTensorDisposeScope(() => (inner = ones(2)) + 1);
        Assert.IsTrue(inner.IsInvalid);
        CollectionAssert.AreEqual(new double[] { 2, 2 }, Golden.Values(result));
    }

    [TestMethod]
    public void A_closed_scope_refuses_further_use()
    {
        DisposeScope scope = NewDisposeScope();
        scope.Dispose();
        scope.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => scope.DisposablesCount);
    }

    [TestMethod]
    public void Scopes_belong_to_their_thread()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor elsewhere = null!;
        var thread = new Thread(() => elsewhere = ones(1));
        thread.Start();
        thread.Join();
        Assert.IsFalse(scope.Contains(elsewhere));
        elsewhere.Dispose();
    }

    [TestMethod]
    public void A_disposed_tensor_is_refused()
    {
        Tensor tensor = ones(2);
        tensor.Dispose();
        tensor.Dispose();
        Assert.ThrowsExactly<InvalidOperationException>(() => tensor.add(1));
        Assert.ThrowsExactly<InvalidOperationException>(() => tensor.shape);
        Assert.ThrowsExactly<InvalidOperationException>(() => tensor.Handle);
        using Tensor other = ones(2);
        Assert.ThrowsExactly<InvalidOperationException>(() => other.add_(tensor));
    }

    [TestMethod]
    public void A_parameter_takes_the_place_of_its_tensor()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor data = ones(3);
        TorchSharp.Modules.Parameter parameter = nn.Parameter(data);
        Assert.IsTrue(data.IsInvalid);
        Assert.IsTrue(parameter.requires_grad);
        Assert.IsTrue(scope.Contains(parameter));
        Assert.IsFalse(new TorchSharp.Modules.Parameter(ones(3), false).requires_grad);
    }

    [TestMethod]
    public void Tensors_left_to_the_collector_do_not_pile_up()
    {
        // 4 GB in all; without finalizers the process would keep them.
        long before = Environment.WorkingSet;
        for (int i = 0; i < 1000; i++)
        {
            _ = zeros(1_000_000);
            if (i % 50 != 0) continue;
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.IsLessThan(before + 1_000_000_000, Environment.WorkingSet);
    }
}
