using System.CommandLine;
using SoftSeg.SegTrainer.Commands;

var root = new RootCommand("Trains, exports and evaluates the spinal cord networks of SoftSeg.")
{
    TrainCommand.Create(),
    ExportCommand.Create(),
    EvaluateCommand.Create(),
    CalibrateCommand.Create(),
    ExperimentCommand.Create(),
    GateCommand.Create(),
    AddCorrectionsCommand.Create(),
    GroundTruthCommand.Create(),
    SoftSeg.SegTrainer.Synthesis.SynthesizeCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
