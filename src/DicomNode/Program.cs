using System.CommandLine;
using SoftSeg.DicomNode;
using SoftSeg.DicomNode.Commands;

// After SIGTERM or Ctrl+C a command may take as long as the node's own shutdown, and then ends with its own exit code.
return await SoftSegCommandLine.Create().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = NodeHost.ShutdownTimeout + TimeSpan.FromSeconds(10) });
