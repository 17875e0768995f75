// Writes src/Dicom/Generated/*.g.cs from DCMTK's dicom.dic (PS3.6 and PS3.7) and uids.tsv (PS3.6 Annex A):
//   dotnet run --project tools/DictionaryGenerator -- [dicom.dic] [output folder]
// Debian's libdcmtk17 installs the dictionary; the output is checked in, so that a build needs neither.

using DictionaryGenerator;

var dictionaryPath = args.Length > 0 ? args[0] : "/usr/share/libdcmtk17/dicom.dic";
var root = FindRoot(AppContext.BaseDirectory);
var output = args.Length > 1 ? args[1] : Path.Combine(root, "src", "Dicom", "Generated");

var attributes = DictionarySource.ReadAttributes(dictionaryPath);
var uids = DictionarySource.ReadUids(Path.Combine(root, "tools", "DictionaryGenerator", "uids.tsv"));

File.WriteAllText(Path.Combine(output, "DicomTag.g.cs"), TagWriter.Write(attributes));
File.WriteAllText(Path.Combine(output, "DicomDictionary.g.cs"), DictionaryWriter.Write(attributes));
File.WriteAllText(Path.Combine(output, "DicomUID.g.cs"), UidWriter.Write(uids));
Console.WriteLine($"{attributes.Count} attributes and {uids.Count} UIDs written to {output}");

static string FindRoot(string start)
{
    for (var directory = new DirectoryInfo(start); directory is not null; directory = directory.Parent)
        if (File.Exists(Path.Combine(directory.FullName, "SoftSeg.sln")))
            return directory.FullName;
    throw new InvalidOperationException($"No SoftSeg.sln above {start}.");
}
