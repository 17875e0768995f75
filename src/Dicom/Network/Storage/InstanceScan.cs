namespace SoftSeg.Dicom.Network;

/// <summary>Watches the data set of one instance pass by: that it is one, whole, and the one that the command announced (PS3.4 B.2.3).</summary>
sealed class InstanceScan : IDisposable
{
    readonly StoreContext _context;
    readonly DicomDatasetScanner _scanner;
    bool _isIdentified;

    public InstanceScan(StoreContext context, DicomLimits limits)
    {
        _context = context;
        _scanner = new DicomDatasetScanner(DicomTransferSyntax.ForReading(context.TransferSyntaxUid), new DicomReadOptions
        {
            MaxSequenceDepth = limits.MaxSequenceDepth,
            MaxElementLength = long.MaxValue,   // The connection counts what comes, and refuses it as out of resources.
            MaxInflatedLength = limits.MaxInstance
        });
    }

    /// <exception cref="DicomStatusException">The bytes are no data set (C000), or not that of the command (A900).</exception>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        if (!_scanner.Write(bytes))
            throw Broken();
        if (_scanner.HasReachedPixelData && !_isIdentified)
            Identify();
    }

    /// <summary>The data set is at its end.</summary>
    /// <exception cref="DicomStatusException">It is cut off or lacks a UID (C000), or is not that of the command (A900).</exception>
    public (string Study, string Series) Complete()
    {
        if (!_scanner.Complete())
            throw Broken();
        if (!_isIdentified)
            Identify();
        return (_scanner.StudyInstanceUID!, _scanner.SeriesInstanceUID!);
    }

    void Identify()
    {
        MustEqual("SOPClassUID", _scanner.SOPClassUID, _context.SopClassUid);
        MustEqual("SOPInstanceUID", _scanner.SOPInstanceUID, _context.SopInstanceUid);
        MustBeUid("StudyInstanceUID", _scanner.StudyInstanceUID);
        MustBeUid("SeriesInstanceUID", _scanner.SeriesInstanceUID);
        _isIdentified = true;
    }

    static void MustEqual(string name, string? inDataSet, string inCommand)
    {
        MustBeUid(name, inDataSet);
        if (inDataSet != inCommand)
            throw new DicomStatusException(DicomStatus.DataSetMismatch.With($"{name} is {inDataSet}, the command says {inCommand}"));
    }

    // These name files and directories.
    static void MustBeUid(string name, string? uid)
    {
        if (!DimseCommand.IsUid(uid))
            throw new DicomStatusException(DicomStatus.CannotUnderstand.With(string.IsNullOrEmpty(uid) ? $"no {name}" : $"{name} is no UID"));
    }

    DicomStatusException Broken() => new(DicomStatus.CannotUnderstand.With(PrintableText.Of($"{_scanner.Fault}")));

    public void Dispose() => _scanner.Dispose();
}
