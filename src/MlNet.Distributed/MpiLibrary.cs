using System.Runtime.InteropServices;
using System.Text;

namespace MlNet.Distributed;

/// <summary>
/// The functions of an MPI library, which is found at run time. The two interfaces in use differ in what their handles are: in Open MPI
/// addresses of exported objects, in MPICH (and Intel MPI, Cray MPICH, MVAPICH, MS-MPI) integers, which pass in the same registers.
/// </summary>
internal sealed unsafe class MpiLibrary
{
    /// <summary>What <see cref="InitThread"/> is asked for: several threads may call, one at a time.</summary>
    public const int ThreadSerialized = 2;

    private const int LongestText = 8192;

    // Those that a launcher's ranks are to load come first: see Names.
    private static readonly string[] OpenMpi = ["libmpi.so.40", "libmpi.40.dylib", "libmpi.so", "libmpi.dylib"];
    private static readonly string[] Mpich = ["libmpi.so.12", "libmpich.so.12", "libmpi.12.dylib", "msmpi.dll"];

    /// <summary>Variables in which launchers of Open MPI tell a rank how many there are.</summary>
    private const string OpenMpiSize = "OMPI_COMM_WORLD_SIZE";

    /// <summary>And those of MPICH's process manager.</summary>
    private const string PmiSize = "PMI_SIZE";

    /// <summary>And of Slurm, whose srun starts ranks that do not find each other where it speaks another PMI than the library.</summary>
    private const string SlurmSize = "SLURM_STEP_NUM_TASKS";

    private static readonly string[] Sizes = [OpenMpiSize, PmiSize, SlurmSize];

    private readonly nint _library;

    private MpiLibrary(nint library)
    {
        _library = library;
        bool isOpenMpi = NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out nint world);
        World = isOpenMpi ? world : 0x44000000;
        Float = Handle("ompi_mpi_float", 0x4c00040a);
        Double = Handle("ompi_mpi_double", 0x4c00080b);
        Byte = Handle("ompi_mpi_byte", 0x4c00010d);
        Sum = Handle("ompi_mpi_op_sum", 0x58000003);
        NoInfo = Handle("ompi_mpi_info_null", 0x1c000000);
        InPlace = isOpenMpi ? 1 : -1;
        SharedMemory = isOpenMpi ? 0 : 1;
        Initialized = (delegate* unmanaged<int*, int>)Function("MPI_Initialized");
        InitThread = (delegate* unmanaged<int*, byte***, int, int*, int>)Function("MPI_Init_thread");
        Finalize = (delegate* unmanaged<int>)Function("MPI_Finalize");
        Abort = (delegate* unmanaged<nint, int, int>)Function("MPI_Abort");
        CommRank = (delegate* unmanaged<nint, int*, int>)Function("MPI_Comm_rank");
        CommSize = (delegate* unmanaged<nint, int*, int>)Function("MPI_Comm_size");
        CommSplitType = (delegate* unmanaged<nint, int, int, nint, nint*, int>)Function("MPI_Comm_split_type");
        CommFree = (delegate* unmanaged<nint*, int>)Function("MPI_Comm_free");
        AllReduce = (delegate* unmanaged<nint, void*, int, nint, nint, nint, int>)Function("MPI_Allreduce");
        Broadcast = (delegate* unmanaged<void*, int, nint, int, nint, int>)Function("MPI_Bcast");
        _version = (delegate* unmanaged<byte*, int*, int>)Function("MPI_Get_library_version");

        nint Handle(string openMpi, int mpich) => isOpenMpi ? NativeLibrary.GetExport(library, openMpi) : mpich;
    }

    public nint World { get; }

    public nint Float { get; }

    public nint Double { get; }

    public nint Byte { get; }

    public nint Sum { get; }

    public nint NoInfo { get; }

    public nint InPlace { get; }

    public int SharedMemory { get; }

    // The parameters are those of the functions in the MPI standard, handles as nint.
    public readonly delegate* unmanaged<int*, int> Initialized;
    public readonly delegate* unmanaged<int*, byte***, int, int*, int> InitThread;
    public readonly delegate* unmanaged<int> Finalize;
    public readonly delegate* unmanaged<nint, int, int> Abort;
    public readonly delegate* unmanaged<nint, int*, int> CommRank;
    public readonly delegate* unmanaged<nint, int*, int> CommSize;
    public readonly delegate* unmanaged<nint, int, int, nint, nint*, int> CommSplitType;
    public readonly delegate* unmanaged<nint*, int> CommFree;
    public readonly delegate* unmanaged<nint, void*, int, nint, nint, nint, int> AllReduce;
    public readonly delegate* unmanaged<void*, int, nint, int, nint, int> Broadcast;
    private readonly delegate* unmanaged<byte*, int*, int> _version;

    /// <summary>How many ranks the launcher says there are; null where no launcher says anything.</summary>
    public static int? LaunchedSize =>
        int.TryParse(Sizes.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => value is not null), out int size) ? size : null;

    /// <summary>The library's own words for what it is, in one line.</summary>
    public string Version
    {
        get
        {
            var text = stackalloc byte[LongestText];
            int length = LongestText;
            _version(text, &length);
            return Encoding.UTF8.GetString(text, length).Split('\n', ',')[0].TrimEnd('\0').Trim();
        }
    }

    /// <summary>Loads the library at a path, or the one of the launcher that started this process, or the first there is.</summary>
    /// <exception cref="DllNotFoundException">There is none.</exception>
    public static MpiLibrary Load(string? path)
    {
        KeepSignalHandlers();
        if (path is not null)
            return new MpiLibrary(NativeLibrary.Load(path));
        foreach (string name in Names())
            if (NativeLibrary.TryLoad(name, out nint library))
                return new MpiLibrary(library);
        throw new DllNotFoundException(
            $"No MPI library is installed (looked for {string.Join(", ", Names())}). Install Open MPI or MPICH on every machine, or give the path of its library.");
    }

    // UCX, by which MPICH and often Open MPI send, would take over the signal of an invalid address, and with it every
    // NullReferenceException would end the process. It reads the variable, unless the user has set it, when it is loaded; .NET's own
    // variables do not reach native libraries.
    private static void KeepSignalHandlers()
    {
        if (!OperatingSystem.IsWindows())
            SetEnvironment("UCX_ERROR_SIGNALS", "", 0);
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false)]
    private static extern int SetEnvironment(string name, string value, int overwrite);

    private static string[] Names() => Environment.GetEnvironmentVariable(OpenMpiSize) is null && Environment.GetEnvironmentVariable(PmiSize) is not null
        ? [.. Mpich, .. OpenMpi]
        : [.. OpenMpi, .. Mpich];

    private nint Function(string name) => NativeLibrary.GetExport(_library, name);
}
