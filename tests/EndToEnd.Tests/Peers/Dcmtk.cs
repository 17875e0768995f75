namespace SoftSeg.EndToEnd.Tests.Peers;

/// <summary>The command-line senders of DCMTK.</summary>
static class Dcmtk
{
    /// <summary><c>echoscu</c>: whether the C-ECHO was answered with success.</summary>
    public static async Task<bool> Echo(int port, string called, string calling = "ECHOSCU") =>
        (await ExternalProgram.Echoscu.RunAsync(["-aet", calling, "-aec", called, "-to", "5", "-ta", "5", "127.0.0.1", $"{port}"])).ExitCode == 0;

    /// <summary><c>storescu</c>: sends the files on one association, in this order.</summary>
    public static Task<ProgramResult> Send(int port, string called, string calling, IEnumerable<string> files, params string[] options) =>
        ExternalProgram.Storescu.RunAsync(["-aet", calling, "-aec", called, .. options, "127.0.0.1", $"{port}", .. files], TimeSpan.FromMinutes(2));

    /// <summary><c>dcmconv +ti</c>: the file as Implicit VR Little Endian.</summary>
    public static async Task ToImplicitVR(string file, string target) =>
        (await ExternalProgram.Dcmconv.RunAsync(["+ti", file, target])).Succeeded();
}
