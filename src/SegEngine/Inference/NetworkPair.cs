using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace SoftSeg.SegEngine;

/// <summary>Both networks of a package, loaded and warmed up on one execution provider.</summary>
sealed partial class NetworkPair : IDisposable
{
    NetworkPair(OnnxNetwork locator, OnnxNetwork fine, string provider) => (Locator, Fine, Provider) = (locator, fine, provider);

    public OnnxNetwork Locator { get; }

    public OnnxNetwork Fine { get; }

    /// <summary>The name of the provider that runs everywhere.</summary>
    public const string Cpu = "cpu";

    /// <summary>What runs them: "cuda", "tensorrt" or "cpu".</summary>
    public string Provider { get; }

    /// <summary>How many batches of the fine network run side by side.</summary>
    public int Lanes { get; private init; } = 1;

    /// <summary>What was tried before <see cref="Provider"/>, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; private init; } = [];

    /// <exception cref="EngineException">The provider that was asked for cannot be used here.</exception>
    public static NetworkPair Load(ModelPackage package, EngineOptions options, ILogger logger) => Load(package, options, Candidates(options), logger);

    /// <param name="candidates">Names of providers and what makes a session use them; the first that works is taken.</param>
    internal static NetworkPair Load(ModelPackage package, EngineOptions options, IEnumerable<(string Name, Action<SessionOptions> Append)> candidates, ILogger logger)
    {
        var tried = new List<string>();
        foreach (var (name, append) in candidates)
        {
            try
            {
                var pair = Open(package, options, name, append, tried);
                LogProvider(logger, package.Name, package.Version, pair.Provider, tried.Count == 0 ? "nothing else" : string.Join("; ", tried));
                return pair;
            }
            // A missing native library shows itself in any of these ways, when it is appended or when the session is made.
            catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
            {
                tried.Add($"{name}: {FirstLine(e.Message)}");
            }
        }
        throw new EngineException($"The model '{package.Name} {package.Version}' cannot be run. Tried {string.Join("; ", tried)}. Engine:Provider may be auto, cuda, tensorrt or cpu.");
    }

    public void Dispose()
    {
        Locator.Dispose();
        Fine.Dispose();
    }

    static NetworkPair Open(ModelPackage package, EngineOptions options, string name, Action<SessionOptions> append, List<string> tried)
    {
        var threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        // On the CPU the locator's one large image takes all threads, and the fine network's batches one each.
        var lanes = name == Cpu ? threads : 1;
        using var whole = Session(threads, append);
        using var batches = Session(threads / lanes, append);
        var locator = new OnnxNetwork(ModelNetwork.Locator, package.Network(ModelNetwork.Locator), whole, 3);
        OnnxNetwork? fine = null;
        try
        {
            fine = new OnnxNetwork(ModelNetwork.Fine, package.Network(ModelNetwork.Fine), batches, 2);
            var pair = new NetworkPair(locator, fine, name) { Notes = tried, Lanes = lanes };
            // Warm-up: kernels are chosen and memory is taken before the first patient.
            pair.Locator.Run(new float[16 * 16 * 16], [1, 1, 16, 16, 16]);
            pair.Fine.Run(new float[FinePass.Side * FinePass.Side], [1, 1, FinePass.Side, FinePass.Side]);
            return pair;
        }
        catch
        {
            locator.Dispose();
            fine?.Dispose();
            throw;
        }
    }

    static SessionOptions Session(int threads, Action<SessionOptions> append)
    {
        var session = new SessionOptions { IntraOpNumThreads = threads, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        // Threads that wait sleep: in a node they would spin in the way of receiving and of other series.
        session.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        try
        {
            append(session);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    static IEnumerable<(string Name, Action<SessionOptions> Append)> Candidates(EngineOptions options)
    {
        // ONNX Runtime reports its use to its maker where it can; nothing leaves a hospital unasked. The call comes too late for what it
        // prepares as it is loaded: that looks at the environment, of which .NET keeps a copy of its own on Unix.
        Environment.SetEnvironmentVariable("ORT_DISABLE_TELEMETRY", "1");
        if (!OperatingSystem.IsWindows())
            _ = SetEnvironment("ORT_DISABLE_TELEMETRY", "1", 1);
        OrtEnv.Instance().DisableTelemetryEvents();
        var available = OrtEnv.Instance().GetAvailableProviders();
        var auto = options.Provider == ExecutionProvider.Auto;
        if (options.Provider == ExecutionProvider.TensorRT)
        {
            yield return ("tensorrt", s =>
            {
                s.AppendExecutionProvider_Tensorrt(0);
                s.AppendExecutionProvider_CUDA(0);
            }
            );
        }
        if (options.Provider == ExecutionProvider.Cuda || (auto && available.Contains("CUDAExecutionProvider")))
            yield return ("cuda", s => s.AppendExecutionProvider_CUDA(0));
        if (auto || options.Provider == ExecutionProvider.Cpu)
            yield return (Cpu, _ => { });
    }

    static string FirstLine(string message) => message.Split('\n', 2)[0].Trim();

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Model {Name} {Version} runs on {Provider} (tried before: {Tried})")]
    static partial void LogProvider(ILogger logger, string name, string version, string provider, string tried);

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "setenv")]
    static extern int SetEnvironment([System.Runtime.InteropServices.MarshalAs(System.Runtime.InteropServices.UnmanagedType.LPUTF8Str)] string name,
        [System.Runtime.InteropServices.MarshalAs(System.Runtime.InteropServices.UnmanagedType.LPUTF8Str)] string value, int overwrite);
}
