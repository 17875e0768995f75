namespace SoftSeg.EndToEnd.Tests.Proof;

/// <summary>dcmqi (3D Slicer's reader) and dcmjs (that of web viewers) find every voxel of the mask where it was written, in patient space.</summary>
[Collection(ProofMatrix.Collection)]
public sealed class IndependentReaderTests(ProofMatrix matrix)
{
    [Theory]
    [InlineData("dcmqi.mjs")]
    [InlineData("dcmjs.mjs")]
    public async Task Every_voxel_of_every_segmentation_lies_where_it_was_written(string reader)
    {
        var readings = await Viewers.Read(reader, matrix.All.SelectMany(written => written.Segmentations));

        foreach (var written in matrix.All)
        {
            foreach (var file in written.Segmentations)
            {
                var found = readings[file].On(written.Truth);
                // The visible form has 1 inside as BINARY, and 255 where a bit form would be misread.
                Differences.AssertNone(written.Expected(file, found.Max()), found, $"{reader}, {written.Name}, {Path.GetFileName(file)}");
            }
        }
    }

    /// <summary>The comparison above can fail: broken in one way each, the object is told from the mask.</summary>
    [Theory]
    [InlineData("dcmqi.mjs", Break.FrameShifted)]
    [InlineData("dcmqi.mjs", Break.RowFlipped)]
    [InlineData("dcmjs.mjs", Break.FrameShifted)]
    [InlineData("dcmjs.mjs", Break.RowFlipped)]
    public async Task A_broken_object_is_told_from_the_mask(string reader, string fault)
    {
        var written = matrix["axial 64x64"];
        var broken = Path.Combine(matrix.Folder($"broken {reader} {fault}"), "broken.dcm");
        Break.Copy(written.Path(ProofCase.Soft), broken, fault);

        var reading = (await Viewers.Read(reader, [broken]))[broken];

        Assert.ThrowsAny<Exception>(() => Differences.AssertNone(written.Expected(ProofCase.Soft), reading.On(written.Truth), fault));
    }
}
