using System.Buffers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using SoftSeg.Dicom.Network;

namespace SoftSeg.Dicom.Tests.Network;

public sealed class InstanceSpoolTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("softseg-spool-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>The real thing, with its steps written down.</summary>
    sealed class WatchedStorage(List<string> steps) : StableStorage
    {
        public override void Write(SafeFileHandle file, IReadOnlyList<ReadOnlyMemory<byte>> pieces, long offset)
        {
            base.Write(file, pieces, offset);
            steps.Add("write");
        }

        public override void FlushFile(SafeFileHandle file)
        {
            base.FlushFile(file);
            steps.Add("flush file");
        }

        public override void Rename(string from, string to)
        {
            base.Rename(from, to);
            steps.Add($"rename to {Path.GetFileName(to)}");
        }

        public override void FlushDirectory(string path)
        {
            base.FlushDirectory(path);
            steps.Add($"flush directory {Path.GetFileName(path)}");
        }

        public override void StartWriteBack(SafeFileHandle file, long offset, long length)
        {
            base.StartWriteBack(file, offset, length);
            steps.Add($"write back {length}");
        }
    }

    /// <summary>A disk that finds out at the flush that it has no room.</summary>
    sealed class FullDisk : StableStorage
    {
        public override void FlushFile(SafeFileHandle file) => throw new IOException("No space left on device");
    }

    InstanceSpool Open(StableStorage? storage = null, SpoolOptions? options = null) =>
        new(_root, DicomLimits.Default, NullLogger.Instance, options, storage ?? new StableStorage());

    static StoreContext Context(TestInstance instance, string calling = "SCANNER") => new(
        new DicomAssociation { CallingAeTitle = calling, CalledAeTitle = "SOFTSEG", Remote = null, ImplementationClassUid = "1.2", ImplementationVersionName = "X", Contexts = [] },
        TestInstance.MRImageStorage, instance.SopInstanceUid, instance.SyntaxUid);

    static async Task<StoredInstance> StoreAsync(InstanceSpool spool, TestInstance instance, string calling = "SCANNER", Action? beforeAnswer = null)
    {
        StoredInstance? stored = null;
        await using var sink = spool.Begin(Context(instance, calling), (s, _) =>
        {
            stored = s;
            beforeAnswer?.Invoke();
            return ValueTask.CompletedTask;
        });
        await sink.WriteAsync(new ReadOnlySequence<byte>(instance.DataSet()), default);
        Assert.True((await sink.CommitAsync(default)).IsSuccess);
        return stored!;
    }

    [Fact]
    public async Task Success_comes_after_write_flush_rename_and_flush_of_the_directories()
    {
        var steps = new List<string>();
        var instance = TestInstance.MR();
        var spool = Open(new WatchedStorage(steps));
        await StoreAsync(spool, instance, beforeAnswer: () => steps.Add("stored"));
        steps.Add("answer");
        Assert.Equal(
        [
            "write", "flush file",
            $"flush directory {Path.GetFileName(_root)}", "flush directory 1.2.826.0.1.3680043.2.1125.7",
            $"rename to {instance.SopInstanceUid}.dcm", "flush directory 1.2.826.0.1.3680043.2.1125.7.0",
            "stored", "answer"
        ], steps);
        Assert.Equal([("1.2.826.0.1.3680043.2.1125.7", "1.2.826.0.1.3680043.2.1125.7.0")], spool.Series());
    }

    [Fact]
    public async Task Write_back_begins_while_data_arrives()
    {
        var steps = new List<string>();
        await StoreAsync(Open(new WatchedStorage(steps), new SpoolOptions { WriteBackBytes = 1000 }), TestInstance.MR(rows: 64, columns: 64));
        Assert.StartsWith("write back", steps[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_bytes_again_are_a_success_without_work()
    {
        var spool = Open();
        var first = await StoreAsync(spool, TestInstance.MR());
        var written = File.GetLastWriteTimeUtc(first.Path);
        var again = await StoreAsync(spool, TestInstance.MR(), calling: "ANOTHER");
        Assert.Equal((StoredOutcome.New, StoredOutcome.Identical), (first.Outcome, again.Outcome));
        Assert.Equal(first.Path, again.Path);
        Assert.Equal(written, File.GetLastWriteTimeUtc(first.Path));
        Assert.Single(Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Other_bytes_under_the_same_UID_are_kept_beside_the_first()
    {
        var spool = Open();
        var first = await StoreAsync(spool, TestInstance.MR());
        var other = TestInstance.MR().Add(0xFFFC, 0xFFFC, "OB", [1, 2]);
        var second = await StoreAsync(spool, other);
        var third = await StoreAsync(spool, TestInstance.MR().Add(0xFFFC, 0xFFFC, "OB", [3, 4]));
        var secondAgain = await StoreAsync(spool, other);

        Assert.Equal([StoredOutcome.Different, StoredOutcome.Different, StoredOutcome.Identical], [second.Outcome, third.Outcome, secondAgain.Outcome]);
        Assert.EndsWith(".2.dcm", second.Path, StringComparison.Ordinal);
        Assert.EndsWith(".3.dcm", third.Path, StringComparison.Ordinal);
        Assert.Equal(second.Path, secondAgain.Path);
        Assert.Equal(TestInstance.MR().DataSet(), TestInstance.DataSetOf(first.Path));
        Assert.Equal(other.DataSet(), TestInstance.DataSetOf(second.Path));
    }

    [Fact]
    public async Task The_same_instance_from_many_at_once_is_kept_once()
    {
        var spool = Open();
        var stored = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => StoreAsync(spool, TestInstance.MR(rows: 100, columns: 100)))));
        Assert.Single(stored, s => s.Outcome == StoredOutcome.New);
        Assert.Equal(7, stored.Count(s => s.Outcome == StoredOutcome.Identical));
        Assert.Single(Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Without_a_commit_nothing_stays()
    {
        var spool = Open();
        await using (var sink = spool.Begin(Context(TestInstance.MR())))
        {
            await sink.WriteAsync(new ReadOnlySequence<byte>(TestInstance.MR().DataSet()), default);
            Assert.Single(Directory.EnumerateFiles(_root, "*.part", SearchOption.AllDirectories));
        }
        Assert.Empty(Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Part_files_of_an_earlier_run_are_removed_at_start()
    {
        Open();
        File.WriteAllText(Path.Combine(_root, "incoming", "left.part"), "half an instance");
        Open();
        Assert.Empty(Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_nearly_full_disk_is_a_transient_refusal()
    {
        var spool = Open(options: new SpoolOptions { MinFreeBytes = long.MaxValue });
        var e = Assert.Throws<DicomStatusException>(() => spool.Begin(Context(TestInstance.MR())));
        Assert.Equal(0xA700, e.Status.Code);
        Assert.True(e.Status.IsTransient);
    }

    [Fact]
    public async Task A_flush_that_fails_is_a_transient_refusal_and_leaves_nothing()
    {
        var spool = Open(new FullDisk());
        var instance = TestInstance.MR();
        await using (var sink = spool.Begin(Context(instance)))
        {
            await sink.WriteAsync(new ReadOnlySequence<byte>(instance.DataSet()), default);
            var e = await Assert.ThrowsAsync<DicomStatusException>(() => sink.CommitAsync(default).AsTask());
            Assert.Equal(0xA700, e.Status.Code);
        }
        Assert.Empty(Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Where_the_application_fails_the_peer_hears_of_it_and_may_send_again()
    {
        await using var host = await StorageHost.StartAsync();
        using var peer = await ScriptedPeer.ConnectAsync(host.Port);
        await peer.AssociateAsync();
        host.FailOnce = new InvalidOperationException("the index is locked");
        Assert.Equal(0x0110, await peer.StoreAsync(TestInstance.MR()));
        Assert.Equal(0, await peer.StoreAsync(TestInstance.MR()));
        Assert.Equal(StoredOutcome.Identical, host.Stored.Single().Outcome);
    }
}
