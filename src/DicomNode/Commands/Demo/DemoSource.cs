using SoftSeg.DicomReader;
using SoftSeg.DicomWriter.Images;
using SoftSeg.SegEngine;
using SoftSeg.SegEngine.Phantoms;

namespace SoftSeg.DicomNode.Commands.Demo;

/// <summary>The series that the demo sends: a person's own, or a phantom whose true share is known.</summary>
/// <param name="Truth">The true share on the phantom's grid; null for a person's own series.</param>
sealed record DemoSource(string SeriesUid, IReadOnlyList<string> Files, Volume? Truth)
{
    /// <summary>Generates the phantom and writes it as an MR series into <paramref name="folder"/>.</summary>
    public static DemoSource Phantom(string folder)
    {
        Directory.CreateDirectory(folder);
        var phantom = SpinePhantom.Generate(new SpinePhantomOptions());
        var files = new List<string>();
        var seriesUid = "";
        foreach (var instance in MrSeriesBuilder.Build(phantom.Image))
        {
            seriesUid = instance.Dataset.GetString(Dicom.DicomTag.SeriesInstanceUID);
            var file = Path.Combine(folder, $"{files.Count + 1:000}.dcm");
            instance.Save(file);
            files.Add(file);
        }
        return new DemoSource(seriesUid, files, phantom.Share);
    }

    /// <exception cref="SeriesRefusedException">There is not exactly one series in the folder.</exception>
    public static DemoSource From(string folder)
    {
        if (!Directory.Exists(folder))
            throw new SeriesRefusedException($"{folder}: no such folder.");
        var series = SeriesFolder.Scan(folder).Series;
        return series.Count == 1
            ? new DemoSource(series[0].SeriesInstanceUid, series[0].Files, Truth: null)
            : throw new SeriesRefusedException($"{folder} holds {series.Count} series; expected the files of one.");
    }
}
