using System.CommandLine;

namespace SoftSeg.DicomNode.Commands;

static class ConformanceCommand
{
    public static Command Create()
    {
        var command = new Command("conformance", "Print the tables of the DICOM conformance statement (PS3.2) of this version");
        command.SetAction(_ => Console.Out.Write(ConformanceStatement.ToMarkdown()));
        return command;
    }
}
