using System.Text.Json;
using SoftSeg.EndToEnd.Tests.Peers;
using SoftSeg.SegEngine;

namespace SoftSeg.EndToEnd.Tests.Proof;

/// <summary>The scripts in <c>viewers/</c>: what software that knows nothing of ours reads from a file.</summary>
static class Viewers
{
    static readonly ExternalProgram node = new("node", "nodejs npm");

    public static string Folder { get; } = FindFolder();

    /// <summary>Runs <c>viewers/SCRIPT OUT FILE...</c>.</summary>
    /// <returns>For each file what the reader found in it.</returns>
    public static async Task<IReadOnlyDictionary<string, Reading>> Read(string script, IEnumerable<string> files)
    {
        var output = Path.GetTempFileName();
        try
        {
            (await Run(script, [output, .. files])).Succeeded();
            await using var stream = File.OpenRead(output);
            return (await JsonSerializer.DeserializeAsync<Reading[]>(stream, JsonSerializerOptions.Web))!.ToDictionary(reading => reading.File);
        }
        finally
        {
            File.Delete(output);
        }
    }

    public static Task<ProgramResult> Run(string script, IEnumerable<string> arguments, TimeSpan? timeout = null) =>
        node.RunAsync([Path.Combine(Folder, script), .. arguments], timeout ?? TimeSpan.FromMinutes(3));

    static string FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var viewers = Path.Combine(folder.FullName, "tests", "EndToEnd.Tests", "viewers");
            if (Directory.Exists(viewers))
            {
                return Directory.Exists(Path.Combine(viewers, "node_modules")) ? viewers
                    : throw new DirectoryNotFoundException("The viewers' packages are not installed. Install them with: tests/EndToEnd.Tests/viewers/install");
            }
        }
        throw new DirectoryNotFoundException("tests/EndToEnd.Tests/viewers is not above the tests' program.");
    }
}

/// <summary>What a reader found in a file: its frames that have a voxel, or why it could not read it.</summary>
sealed record Reading(string File, string? Error, IReadOnlyList<ReadFrame> Frames)
{
    /// <summary>Lays every voxel that was read on a grid by its position in patient space alone.</summary>
    /// <returns>Values <c>[slice, row, column]</c>.</returns>
    /// <exception cref="InvalidDataException">A voxel lies between those of the grid or outside of it, or two lie at one place.</exception>
    public byte[] On(Volume grid)
    {
        if (Error is not null)
            throw new InvalidDataException($"{File} was not read: {Error}");
        var values = new byte[grid.Voxels.Length];
        foreach (var frame in Frames)
        {
            var (origin, column, row) = (ToVector(frame.Origin), ToVector(frame.ColumnStep), ToVector(frame.RowStep));
            for (var n = 0; n < frame.Indices.Length; n++)
            {
                var position = origin + (column * (frame.Indices[n] % frame.Columns)) + (row * (frame.Indices[n] / frame.Columns));
                ref var value = ref values[IndexOf(grid, position)];
                if (value != 0)
                    throw new InvalidDataException($"Two voxels lie at {position}.");
                value = checked((byte)frame.Values[n]);
            }
        }
        return values;
    }

    static int IndexOf(Volume grid, Vector3 position)
    {
        var (s, r, c) = grid.Affine.ToIndex(position);
        var (slice, row, column) = ((int)Math.Round(s), (int)Math.Round(r), (int)Math.Round(c));
        // The decimal strings of a source have six digits or more; OHIF draws nothing when a frame is off by 0.01 mm.
        var off = (grid.Affine.ToPatient(slice, row, column) - position).Length;
        if (off > 0.01)
            throw new InvalidDataException($"The voxel at {position} lies {off:0.###} mm from the nearest one of the source.");
        if (slice < 0 || slice >= grid.Slices || row < 0 || row >= grid.Rows || column < 0 || column >= grid.Columns)
            throw new InvalidDataException($"The voxel at {position} lies outside the source.");
        return (((slice * grid.Rows) + row) * grid.Columns) + column;
    }

    static Vector3 ToVector(double[] v) => new(v[0], v[1], v[2]);
}

/// <param name="Origin">Centre of the first pixel, patient LPS mm.</param>
/// <param name="ColumnStep">To the next column, mm.</param>
/// <param name="RowStep">To the next row, mm.</param>
/// <param name="Indices">Of the pixels that are not 0, row after row.</param>
sealed record ReadFrame(double[] Origin, double[] ColumnStep, double[] RowStep, int Columns, int[] Indices, double[] Values);
