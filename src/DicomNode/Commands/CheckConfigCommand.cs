using System.CommandLine;

namespace SoftSeg.DicomNode.Commands;

static class CheckConfigCommand
{
    public static Command Create()
    {
        var config = SoftSegCommandLine.ConfigOption();
        var command = new Command("check-config", "Check the configuration and print everything that is wrong with it") { config };
        command.SetAction((parsed, _) => SoftSegCommandLine.WithConfiguration(parsed.GetRequiredValue(config), configuration =>
        {
            Console.WriteLine($"{parsed.GetRequiredValue(config)} is right: {configuration.Node.AeTitle} on port {configuration.Node.Port}, " +
                $"{configuration.Peers.Count} peer{(configuration.Peers.Count == 1 ? "" : "s")}, results to {string.Join(", ", configuration.Return.To)}.");
            if (configuration.Peers.Count == 0 && !configuration.Node.AcceptUnknownPeers)
                Console.WriteLine("Note: Peers is empty and Node:AcceptUnknownPeers is false, so nobody may send.");
            return Task.FromResult(0);
        }));
        return command;
    }
}
