using System.CommandLine;
using SoftSeg.Dicom;
using SoftSeg.Dicom.Network;
using SoftSeg.DicomReader;
using SoftSeg.SegEngine;

namespace SoftSeg.DicomNode.Commands;

static class DemoCommand
{
    public static Command Create()
    {
        var input = new Option<string>("--input", "-i") { Description = "Your own MR series: a folder of DICOM files (default: a generated phantom)", HelpName = "DIR" };
        var output = new Option<string>("--out", "-o") { Description = "Folder for the files and the picture", HelpName = "DIR", DefaultValueFactory = _ => Path.Combine("out", "demo") };
        var command = new Command("demo", "Run the main job end to end in one process: a PACS sends a series to the node and gets the results back") { input, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                var run = new Demo.DemoRun(parsed.GetValue(input), Path.GetFullPath(parsed.GetValue(output)!), SoftSegCommandLine.Terminal);
                return await run.Run(cancellationToken);
            }
            catch (Exception error) when (error is SeriesRefusedException or DicomDataException or ModelPackageException or EngineException
                or DicomNetworkException or IOException or UnauthorizedAccessException or TimeoutException)
            {
                return SoftSegCommandLine.Fail(error.Message);
            }
        });
        return command;
    }
}
