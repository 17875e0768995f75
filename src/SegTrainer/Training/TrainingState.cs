using System.Runtime.InteropServices;
using SoftSeg.SegTrainer.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace SoftSeg.SegTrainer.Training;

/// <summary>
/// Everything that a training is at one step: the flat vectors of parameters, AdamW's moments, running statistics and the
/// average of the weights. Saved and loaded bit for bit, so that a resumed training goes on as if it had not stopped.
/// </summary>
sealed class TrainingState : IDisposable
{
    const uint Magic = 0x53534B50; // "PKSS"
    const int Format = 1;
    const double Beta1 = 0.9;
    const double Beta2 = 0.999;
    const double Epsilon = 1e-8;

    readonly UNetSpec spec;

    public TrainingState(UNet network, int seed, double prior)
        : this(network.Spec, network.InitialParameters(seed, prior), network.InitialStatistics())
    {
    }

    /// <summary>A training at its first step, from given weights.</summary>
    public TrainingState(UNetSpec spec, float[] parameters, float[] statistics)
    {
        this.spec = spec;
        Parameters = Leaf(parameters).requires_grad_();
        AverageParameters = Leaf(parameters);
        Statistics = Leaf(statistics);
        AverageStatistics = Leaf(statistics);
        FirstMoment = zeros(parameters.Length).DetachFromDisposeScope();
        SecondMoment = zeros(parameters.Length).DetachFromDisposeScope();
    }

    /// <summary>Steps done.</summary>
    public int Step { get; private set; }

    /// <summary>Seconds of training, over all runs.</summary>
    public double Seconds { get; set; }

    /// <summary>Best validation score so far, and the step that had it.</summary>
    public double BestScore { get; set; } = double.NegativeInfinity;

    public int BestStep { get; set; }

    public Tensor Parameters { get; }

    public Tensor Statistics { get; }

    /// <summary>Exponential average of the parameters: what is validated and exported.</summary>
    public Tensor AverageParameters { get; }

    public Tensor AverageStatistics { get; }

    Tensor FirstMoment { get; }

    Tensor SecondMoment { get; }

    /// <summary>One AdamW step with the gradient that <see cref="Parameters"/> holds; kernels decay, vectors do not.</summary>
    /// <returns>The norm of the gradient before it was clipped.</returns>
    public double Update(double learningRate, double weightDecay, double clipNorm, double averageDecay)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var gradient = Parameters.grad ?? throw new InvalidOperationException("There is no gradient: call backward first.");
        var norm = (double)gradient.norm().item<float>();
        Step++;
        if (double.IsFinite(norm))
        {
            if (norm > clipNorm)
                gradient.mul_(clipNorm / norm);
            FirstMoment.mul_(Beta1).add_(gradient, 1 - Beta1);
            SecondMoment.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
            var (bias1, bias2) = (1 - Math.Pow(Beta1, Step), 1 - Math.Pow(Beta2, Step));
            var denominator = SecondMoment.sqrt().div_(Math.Sqrt(bias2)).add_(Epsilon);
            Parameters.narrow(0, 0, spec.KernelCount).mul_(1 - (learningRate * weightDecay));
            Parameters.addcdiv_(FirstMoment, denominator, -learningRate / bias1);
        }

        gradient.zero_();
        // Early on, the average forgets faster: the first steps are noise.
        var keep = Math.Min(averageDecay, (1.0 + Step) / (10.0 + Step));
        AverageParameters.mul_(keep).add_(Parameters, 1 - keep);
        AverageStatistics.mul_(keep).add_(Statistics, 1 - keep);
        return norm;
    }

    public void Save(string path) => DurableFile.Write(path, stream =>
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(Format);
        writer.Write(Describe());
        writer.Write(Step);
        writer.Write(Seconds);
        writer.Write(BestScore);
        writer.Write(BestStep);
        foreach (var vector in Vectors())
            writer.Write(MemoryMarshal.AsBytes(Values(vector).AsSpan()));
    });

    /// <exception cref="TrainingException">The file is no checkpoint, is cut short, or belongs to another network.</exception>
    public void Load(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        try
        {
            var described = ReadDescription(reader, path);
            if (described != Describe())
                throw new TrainingException($"The checkpoint '{path}' belongs to a network of shape {described}, the configuration asks for {Describe()}. Use another run folder.");
            Step = reader.ReadInt32();
            Seconds = reader.ReadDouble();
            BestScore = reader.ReadDouble();
            BestStep = reader.ReadInt32();
            using var noGradient = no_grad();
            foreach (var vector in Vectors())
            {
                var values = new float[vector.NumberOfElements];
                reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
                using var loaded = tensor(values);
                vector.copy_(loaded);
            }
        }
        catch (EndOfStreamException error)
        {
            throw new TrainingException($"The checkpoint '{path}' is cut short.", error);
        }
    }

    static string ReadDescription(BinaryReader reader, string path) =>
        reader.BaseStream.Length >= 8 && reader.ReadUInt32() == Magic && reader.ReadInt32() == Format
            ? reader.ReadString()
            : throw new TrainingException($"'{path}' is not a checkpoint of this program.");

    public static float[] Values(Tensor vector)
    {
        using var flat = vector.detach();
        return flat.data<float>().ToArray();
    }

    public void Dispose()
    {
        foreach (var vector in Vectors())
            vector.Dispose();
    }

    string Describe() => spec.Describe();

    Tensor[] Vectors() => [Parameters, Statistics, FirstMoment, SecondMoment, AverageParameters, AverageStatistics];

    static Tensor Leaf(float[] values) => tensor(values).DetachFromDisposeScope();
}
