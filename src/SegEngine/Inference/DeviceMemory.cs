using Microsoft.ML.OnnxRuntime;

namespace SoftSeg.SegEngine;

/// <summary>
/// Tells a device that has no memory left from other faults of ONNX Runtime: it has no code of its own for it, so the words decide. They come from its arena
/// (<c>BFCArena</c>, the same for CPU and CUDA), from CUDA and from cuBLAS and cuDNN.
/// </summary>
static class DeviceMemory
{
    static readonly string[] words =
    [
        "Failed to allocate memory", "is smaller than requested bytes", "out of memory", "cudaErrorMemoryAllocation", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED",
    ];

    public static bool IsExhausted(OnnxRuntimeException error) => words.Any(word => error.Message.Contains(word, StringComparison.OrdinalIgnoreCase));
}
