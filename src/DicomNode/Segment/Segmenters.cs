using SoftSeg.DicomNode.Configuration;

namespace SoftSeg.DicomNode.Segment;

/// <summary>The models that rules name, beside that of <c>Engine:Model</c>; each is loaded when the first series asks for it and kept.</summary>
public sealed class Segmenters(CordSegmenter standard, NodeConfiguration configuration, ILogger<CordSegmenter> logger) : IDisposable
{
    readonly Lock gate = new();
    readonly Dictionary<string, CordSegmenter> named = [];

    /// <param name="model">As <c>Rules:List:n:Model</c> has it; empty for <c>Engine:Model</c>.</param>
    /// <exception cref="SegEngine.ModelPackageException">The package is missing, damaged, of another format, or without a passed gate.</exception>
    public CordSegmenter Of(string model)
    {
        if (model.Length == 0 || ModelFolder.Find(model) == ModelFolder.Find(configuration.Engine.Model))
            return standard;
        lock (gate)
        {
            if (!named.TryGetValue(model, out var segmenter))
            {
                var engine = configuration.Engine;
                named[model] = segmenter = new CordSegmenter(
                    new EngineSettings { Model = model, Provider = engine.Provider, Threads = engine.Threads, AllowModelWithoutGate = engine.AllowModelWithoutGate }, logger);
            }
            return segmenter;
        }
    }

    /// <summary>Loads them all: one that can't be loaded stops the node before the first series finds out.</summary>
    public void LoadAll()
    {
        foreach (var rule in configuration.Rules.List)
            Of(rule.Model);
    }

    public void Dispose()
    {
        foreach (var segmenter in named.Values)
            segmenter.Dispose();
    }
}
