using SoftSeg.DicomNode.Commands;

return await SoftSegCommandLine.Create().Parse(args).InvokeAsync();
