using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace SoftSeg.SegTrainer.Networks;

/// <summary>Prepares the process for libtorch; call <see cref="Start"/> once, before the first tensor.</summary>
static partial class LibTorch
{
    const int MTrimThreshold = -1;
    const int MMmapMax = -4;
    const int MArenaMax = -8;

    /// <summary>
    /// Type of a training's convolutions: bf16 where the processor multiplies it, which halves the time of a step; without AVX512_BF16
    /// libtorch converts number by number (a step of the locator took 37 s), so there it is fp32.
    /// </summary>
    public static torch.ScalarType Precision { get; } =
        X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && X86Base.CpuId(7, 0).Eax >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0
            ? torch.ScalarType.BFloat16
            : torch.ScalarType.Float32;

    /// <summary>Whether the processor multiplies bf16 matrices (AMX).</summary>
    public static bool HasMatrixUnit { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Edx & (1 << 22)) != 0;

    /// <summary>
    /// Sets glibc's allocator and the threads. Every step of a training allocates and frees the same large tensors: with the
    /// allocator's defaults each is a fresh mmap whose pages fault in again, which doubles the time of a 3-D step.
    /// </summary>
    /// <param name="threads">Threads of one operator; 0 for one a core.</param>
    public static void Start(int threads)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = MallOpt(MMmapMax, 0);
            _ = MallOpt(MTrimThreshold, -1);
            _ = MallOpt(MArenaMax, 1);
            // Waiting threads sleep instead of spinning: the sample producers share the cores.
            _ = SetEnv("OMP_WAIT_POLICY", "PASSIVE", 0);
        }

        torch.set_num_threads(threads > 0 ? threads : Environment.ProcessorCount);
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
