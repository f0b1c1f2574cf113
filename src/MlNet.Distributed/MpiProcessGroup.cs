using MlNet.ImageClassification;

namespace MlNet.Distributed;

/// <summary>The ranks of an MPI job as the processes that train a network together.</summary>
/// <example>
/// <code>
/// using var group = MpiProcessGroup.Join();
/// var options = new ResNetOptions { ProcessGroup = group, BatchSize = 256 };
/// using var model = new ResNet50Trainer(mlContext, options).Fit(rows);
/// group.Complete();
/// </code>
/// started by <c>mpirun -n 2 --bind-to none dotnet app.dll</c>
/// </example>
/// <remarks>
/// A rank that is disposed of before <see cref="Complete"/>, as an exception has it, ends the job of all ranks: when its process exits, and
/// after some seconds at the latest. So none of them waits for ever, and the application can tell what went wrong first.
/// </remarks>
public sealed unsafe class MpiProcessGroup : IProcessGroup, IDisposable
{
    private static readonly TimeSpan TimeToTell = TimeSpan.FromSeconds(3);
    private static readonly Lock Joining = new();
    private static bool s_joined;

    private readonly MpiLibrary _mpi;
    private bool _isOver;
    private int _endings;

    private MpiProcessGroup(MpiLibrary mpi)
    {
        _mpi = mpi;
        int rank, size, localRank, isInitialized, provided;
        Check(mpi.Initialized(&isInitialized));
        if (isInitialized == 0)
            Check(mpi.InitThread(null, null, MpiLibrary.ThreadSerialized, &provided));
        Check(mpi.CommRank(mpi.World, &rank));
        Check(mpi.CommSize(mpi.World, &size));
        nint machine = 0;
        Check(mpi.CommSplitType(mpi.World, mpi.SharedMemory, rank, mpi.NoInfo, &machine));
        Check(mpi.CommRank(machine, &localRank));
        Check(mpi.CommFree(&machine));
        (Rank, Size, LocalRank) = (rank, size, localRank);
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <inheritdoc/>
    public int LocalRank { get; }

    /// <summary>The MPI library, for instance <c>Open MPI v4.1.4</c>.</summary>
    public string Library => _mpi.Version;

    /// <summary>
    /// Starts MPI in this process. Without a launcher the group is of this process alone. MPI starts once in a process, and the
    /// group is for the rest of the program.
    /// </summary>
    /// <param name="libraryPath">
    /// The MPI library; null for that of the launcher (<c>mpirun</c>, <c>srun</c>) that started the process, by the names of Open MPI,
    /// MPICH, Intel MPI and MS-MPI.
    /// </param>
    /// <exception cref="DllNotFoundException">There is no such library.</exception>
    /// <exception cref="InvalidOperationException">The process has joined before, or the library is not that of the launcher.</exception>
    public static MpiProcessGroup Join(string? libraryPath = null)
    {
        lock (Joining)
        {
            if (s_joined)
                throw new InvalidOperationException($"This process has joined its MPI job already; MPI starts once in a process. Hand the first {nameof(MpiProcessGroup)} around.");
            var group = new MpiProcessGroup(MpiLibrary.Load(libraryPath));
            s_joined = true;
            if (MpiLibrary.LaunchedSize is int launched && launched != group.Size)
                throw new InvalidOperationException(
                    $"The launcher has started {launched} processes, but {group.Library} sees {group.Size}: they do not speak the same language. Start the job by " +
                    $"that library's own mpirun, choose another --mpi of srun, or give {nameof(Join)} the path of the launcher's library.");
            return group;
        }
    }

    /// <inheritdoc/>
    public void Sum(Span<float> values)
    {
        fixed (float* first = values)
            Sum(first, values.Length, _mpi.Float);
    }

    /// <inheritdoc/>
    public void Sum(Span<double> values)
    {
        fixed (double* first = values)
            Sum(first, values.Length, _mpi.Double);
    }

    /// <inheritdoc/>
    public void Broadcast(Span<byte> bytes)
    {
        RequireOpen();
        fixed (byte* first = bytes)
            Check(_mpi.Broadcast(first, bytes.Length, _mpi.Byte, 0, _mpi.World));
    }

    /// <inheritdoc/>
    public void Abandon(Exception reason) => EndJob();

    /// <summary>Tells that this rank has done all it was to do, and waits until all ranks have.</summary>
    /// <exception cref="ObjectDisposedException">The group is disposed or complete.</exception>
    public void Complete()
    {
        RequireOpen();
        _isOver = true;
        if (_endings == 0)
            Check(_mpi.Finalize());
    }

    /// <summary>Leaves the job; before <see cref="Complete"/> it ends the job.</summary>
    public void Dispose()
    {
        if (_isOver)
            return;
        if (Size == 1)
            Complete();
        _isOver = true;
        EndJob();
    }

    // Aborting ends this process as well, with the message that it may be about to write.
    private void EndJob()
    {
        if (Size == 1 || Interlocked.Increment(ref _endings) > 1)
            return;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Abort();
        new Thread(() =>
        {
            Thread.Sleep(TimeToTell);
            Abort();
        })
        { IsBackground = true, Name = "End of the MPI job" }.Start();

        void Abort() => _mpi.Abort(_mpi.World, 1);
    }

    private void Sum(void* values, int count, nint type)
    {
        RequireOpen();
        Check(_mpi.AllReduce(_mpi.InPlace, values, count, type, _mpi.Sum, _mpi.World));
    }

    private void RequireOpen() => ObjectDisposedException.ThrowIf(_isOver, this);

    // MPI ends the job where a call fails, unless someone has told it otherwise.
    private static void Check(int result)
    {
        if (result != 0)
            throw new InvalidOperationException($"MPI failed with error {result}.");
    }
}
