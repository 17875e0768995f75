namespace SoftSeg.SegEngine;

/// <summary>What runs the networks.</summary>
public enum ExecutionProvider
{
    /// <summary>The fastest that works here; the log says what was tried.</summary>
    Auto,
    TensorRT,
    Cuda,
    Cpu,
}

/// <summary>How the networks are run.</summary>
public sealed record EngineOptions
{
    /// <summary>Configuration key Engine:Provider.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Auto;

    /// <summary>Threads of one inference; 0 takes all processors. Configuration key Engine:Threads.</summary>
    public int Threads { get; init; }

    /// <summary>Tiles that go through the fine network at once; on the CPU as many batches run as there are threads.</summary>
    public int Batch { get; init; } = 4;
}

/// <summary>The engine cannot run as it was asked to; the message says why.</summary>
public sealed class EngineException : Exception
{
    public EngineException(string message) : base(message) { }

    public EngineException(string message, Exception inner) : base(message, inner) { }
}
