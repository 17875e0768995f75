using System.IO.Compression;
using SoftSeg.Dicom.Network;
using static SoftSeg.Dicom.Tests.Network.ScriptedPeer;

namespace SoftSeg.Dicom.Tests.Network;

/// <summary>
/// Every row of <see cref="BadInput"/> against one running listener: the expected answer, the connection closed, less than 8 MB of memory, no file left, and three other
/// associations that store all the while without a fault. Runs when nothing else does: it watches the heap.
/// </summary>
[CollectionDefinition(nameof(BadInputTests), DisableParallelization = true)]
[Collection(nameof(BadInputTests))]
public sealed class BadInputTests(BadInputTests.BusyListener busy) : IClassFixture<BadInputTests.BusyListener>
{
    const long MostMemory = 8 << 20;
    const long MostFlood = 300_000_000;

    static readonly DicomLimits s_limits = new()
    {
        Close = TimeSpan.FromSeconds(2), MaxInstance = 64 << 20, Artim = TimeSpan.FromSeconds(3), Idle = TimeSpan.FromSeconds(4)
    };

    public static TheoryData<string> BeforeAssociation => [.. BadInput.BeforeAssociation.Keys];

    public static TheoryData<string> OnAssociation => [.. BadInput.OnAssociation.Keys];

    public static TheoryData<string> Instances => [.. BadInput.Instances.Keys];

    public static TheoryData<string> Silences => [.. BadInput.Silences.Keys];

    [Theory, MemberData(nameof(BeforeAssociation))]
    public Task Instead_of_an_association_request(string what) => ViolateAsync(BadInput.BeforeAssociation[what], associate: false);

    [Theory, MemberData(nameof(OnAssociation))]
    public Task On_an_association(string what) => ViolateAsync(BadInput.OnAssociation[what], associate: true);

    Task ViolateAsync(BadInput.Violation violation, bool associate) => busy.WatchAsync(async () =>
    {
        using var peer = await ConnectAsync(busy.Port);
        if (associate)
            await peer.AssociateAsync();
        await violation.Say(peer);
        using var enough = new CancellationTokenSource();
        var flood = violation.Flood is { } chunk ? peer.FloodAsync(chunk, MostFlood, enough.Token) : Task.CompletedTask;
        await peer.ExpectAbortAsync(violation.Source, violation.Reason, async () =>
        {
            await enough.CancelAsync();
            await flood;
        });
    }, end =>
    {
        Assert.Equal(AssociationEnd.ProtocolViolation, end.End);
        Assert.True(end.Bytes < 300_000, $"{end.Bytes} bytes were read");
    });

    [Theory, MemberData(nameof(Silences))]
    public Task Silence(string what) => busy.WatchAsync(async () =>
    {
        var (onAssociation, say) = BadInput.Silences[what];
        using var peer = await ConnectAsync(busy.Port);
        if (onAssociation)
            await peer.AssociateAsync();
        await say(peer);
        if (onAssociation)
            await peer.ExpectAbortAsync(0, 0);
        else
            await peer.ExpectClosedAsync();
    }, end => Assert.Equal(AssociationEnd.TimedOut, end.End));

    [Theory, MemberData(nameof(Instances))]
    public Task A_bad_instance_is_refused_alone(string what) => RefuseAsync(BadInput.Instances[what]());

    Task RefuseAsync(BadInput.BadInstance bad) => busy.WatchAsync(async () =>
    {
        using var peer = await ConnectAsync(busy.Port);
        await peer.AssociateAsync();
        Assert.Equal(bad.Status, await peer.StoreAsync(bad.SopInstanceUid, bad.DataSet));
        Assert.Empty(busy.FilesOfStrangers());
        Assert.Equal(0, await peer.StoreAsync(TestInstance.MR(2)));
        await peer.ReleaseAsync();
        await peer.ExpectAsync(6);
        File.Delete(Assert.Single(busy.FilesOfStrangers()));
    }, end => Assert.Equal((AssociationEnd.Released, 1, 1), (end.End, end.Stored, end.Refused)));

    [Fact]
    public async Task A_deflated_bomb_is_refused()
    {
        byte[] bomb = Bomb();
        await busy.WatchAsync(async () =>
        {
            using var peer = await ConnectAsync(busy.Port);
            await peer.SendAsync(Rq(contexts: RqContext(1, TestInstance.MRImageStorage, DicomTransferSyntax.DeflatedExplicitVRLittleEndian.UID.Value)));
            await peer.ExpectAsync(2);
            Assert.Equal(0xC000, await peer.StoreAsync(BadInput.Uid(1), bomb));
            await peer.ReleaseAsync();
            await peer.ExpectAsync(6);
        }, end => Assert.Equal((AssociationEnd.Released, 0, 1), (end.End, end.Stored, end.Refused)));
    }

    /// <summary>300 MB of zeros in 1.3 MB.</summary>
    static byte[] Bomb()
    {
        using var compressed = new MemoryStream();
        using (var deflate = new DeflateStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(BadInput.Head().Add(0x0042, 0x0011, "OB", [], announced: 300_000_000).DataSet());
            byte[] zeros = new byte[100_000];
            for (int i = 0; i < 3000; i++)
                deflate.Write(zeros);
        }
        return compressed.ToArray();
    }

    [Fact]
    public async Task A_full_disk_is_a_transient_refusal()
    {
        await using var host = await StorageHost.StartAsync(s_limits, spool: new SpoolOptions { MinFreeBytes = long.MaxValue });
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        Assert.Equal(0xA700, await peer.StoreAsync(TestInstance.MR()));
        Assert.Equal(0, await peer.EchoAsync());
        Assert.Empty(host.Files());
    }

    [Fact]
    public async Task An_instance_of_another_class_than_the_context_is_refused()
    {
        await using var host = await StorageHost.StartAsync(s_limits);
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        await peer.SendAsync([.. StoreRq(BadInput.Uid(1), sopClass: "1.2.840.10008.5.1.4.1.1.2"), .. Data(1, 2, TestInstance.MR().DataSet())]);
        Assert.Equal(0x0122, await peer.StatusAsync());
        await peer.SendAsync([.. StoreRq(null), .. Data(1, 2, TestInstance.MR().DataSet())]);
        Assert.Equal(0x0117, await peer.StatusAsync());
        Assert.Equal(0, await peer.EchoAsync());
    }

    [Fact]
    public async Task An_instance_above_the_limit_is_refused_and_the_association_goes_on()
    {
        await using var host = await StorageHost.StartAsync(s_limits with { MaxInstance = 40_000 });
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        Assert.Equal(0xA700, await peer.StoreAsync(TestInstance.MR(1, rows: 150, columns: 150)));
        Assert.Equal(0, await peer.StoreAsync(TestInstance.MR(2, rows: 100, columns: 100)));
    }

    [Fact]
    public async Task An_unknown_command_is_answered_and_a_cancel_ignored()
    {
        await using var host = await StorageHost.StartAsync(s_limits);
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        await peer.SendAsync([.. Data(1, 3, Command(0x0020, 5, hasDataSet: true)), .. Data(1, 2, new byte[500])]);
        Assert.Equal(0x0211, await peer.StatusAsync());
        await peer.SendAsync(Data(1, 3, new TestInstance(false).Add(0, 0x0100, "US", [0xFF, 0x0F]).Add(0, 0x0120, "US", [1, 0]).Add(0, 0x0800, "US", [1, 1]).DataSet()));
        Assert.Equal(0, await peer.EchoAsync());
    }

    [Fact]
    public async Task A_reset_inside_a_data_set_leaves_nothing()
    {
        await using var host = await StorageHost.StartAsync(s_limits);
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        await peer.SendAsync([.. StoreRq(BadInput.Uid(1)), .. Data(1, 0, TestInstance.MR().DataSet()[..64])]);
        await Until.TrueAsync(() => host.Files().Length == 1, "the instance is under way");
        peer.Reset();
        Assert.Equal(AssociationEnd.ConnectionLost, (await host.WaitForEndAsync()).End);
        Assert.Empty(host.Files());
    }

    [Fact]
    public async Task A_shutdown_inside_a_data_set_aborts_and_leaves_nothing()
    {
        await using var host = await StorageHost.StartAsync(s_limits);
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        await peer.SendAsync([.. StoreRq(BadInput.Uid(1)), .. Data(1, 0, TestInstance.MR().DataSet()[..64])]);
        await Until.TrueAsync(() => host.Files().Length == 1, "the instance is under way");
        await host.StopServingAsync();
        await peer.ExpectAbortAsync(0, 0);
        Assert.Equal(AssociationEnd.Cancelled, (await host.WaitForEndAsync()).End);
        Assert.Empty(host.Files());
    }

    [Fact]
    public async Task A_data_set_in_pieces_of_one_byte_is_the_same_data_set()
    {
        await using var host = await StorageHost.StartAsync(s_limits);
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        var instance = TestInstance.MR(rows: 8, columns: 8);
        byte[] dataSet = instance.DataSet();
        byte[] pdvs = [.. dataSet.SelectMany((b, i) => new byte[] { 0, 0, 0, 3, 1, (byte)(i == dataSet.Length - 1 ? 2 : 0), b })];
        await peer.SendAsync([.. StoreRq(instance.SopInstanceUid), .. Pdu(4, pdvs)]);
        Assert.Equal(0, await peer.StatusAsync());
        Assert.Equal(dataSet, TestInstance.DataSetOf(host.Stored.Single().Path));
    }

    [Fact]
    public async Task A_message_of_which_all_but_the_last_byte_came_goes_on_with_it()
    {
        await using var host = await StorageHost.StartAsync();
        using var peer = await ConnectAsync(host.Port);
        await peer.AssociateAsync();
        var instance = TestInstance.MR(rows: 32, columns: 32);
        byte[] message = [.. StoreRq(instance.SopInstanceUid), .. Data(1, 2, instance.DataSet())];
        await peer.SendAsync(message[..^1]);
        // Long enough for the listener to have looked at what came, and to wait for the rest.
        await Task.Delay(200);
        await peer.SendAsync(message[^1]);
        // At once, and not when the wait for more would be over.
        Assert.Equal(0, await peer.StatusAsync().WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(instance.DataSet(), TestInstance.DataSetOf(host.Stored.Single().Path));
    }

    /// <summary>A listener with three peers that store all the time.</summary>
    public sealed class BusyListener : IAsyncLifetime, IDisposable
    {
        const string Series = "1.2.826.0.1.3680043.2.1125.7.0";

        readonly CancellationTokenSource _stopping = new();
        readonly List<Task> _others = [];
        StorageHost? _host;
        int _stored;

        public int Port => _host!.Port;

        public async Task InitializeAsync()
        {
            _host = await StorageHost.StartAsync(s_limits,
                new AcceptedServices([TestInstance.ExplicitLittle, TestInstance.ImplicitLittle, DicomTransferSyntax.DeflatedExplicitVRLittleEndian.UID.Value]));
            for (int i = 0; i < 3; i++)
                _others.Add(StoreAsync(1000 * (i + 1)));
        }

        /// <summary>The same few instances again and again: the spool answers for each, and does not grow.</summary>
        async Task StoreAsync(int first)
        {
            using var peer = await ConnectAsync(Port);
            await peer.AssociateAsync();
            var instances = Enumerable.Range(first, 5).Select(n => TestInstance.MR(n, rows: 64, columns: 64)).ToArray();
            for (int i = 0; !_stopping.IsCancellationRequested; i++)
            {
                Assert.Equal(0, await peer.StoreAsync(instances[i % instances.Length]));
                Interlocked.Increment(ref _stored);
                await Task.Delay(20);
            }
            await peer.ReleaseAsync();
            await peer.ExpectAsync(6);
        }

        /// <summary>Files of the spool that the three did not send.</summary>
        internal string[] FilesOfStrangers() =>
            [.. _host!.Files().Where(path => Path.GetExtension(path) == ".dcm" && !(Path.GetFileName(Path.GetDirectoryName(path)) == Series && Path.GetFileName(path).Split('.')[^2].Length >= 4))];

        /// <summary>Does something bad, and sees that it cost nothing, left nothing and disturbed nobody.</summary>
        internal async Task WatchAsync(Func<Task> act, Action<AssociationSummary> check)
        {
            await StoredMoreAsync();
            _host!.Ended.Clear();
            long before = LiveHeap();
            long most = 0;
            var acting = act();
            while (await Task.WhenAny(acting, Task.Delay(50)) != acting)
                most = Math.Max(most, LiveHeap() - before);
            await acting;
            most = Math.Max(most, LiveHeap() - before);

            check(await _host.WaitForEndAsync());
            Assert.True(most < MostMemory, $"memory grew by {most >> 10} KiB");
            Assert.Empty(FilesOfStrangers());
            await Until.TrueAsync(() => !Directory.EnumerateFiles(Path.Combine(_host.Spool.Directory, "incoming")).Any(), "no part file is left");
            await StoredMoreAsync();
            Assert.Single(_host.Ended);
        }

        async Task StoredMoreAsync()
        {
            int stored = Volatile.Read(ref _stored);
            await Until.TrueAsync(() => Volatile.Read(ref _stored) >= stored + 3 || _others.Exists(o => o.IsCompleted), "the others store");
            foreach (var broken in _others.Where(o => o.IsCompleted))
                await broken;
        }

        static long LiveHeap()
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true);
            return GC.GetTotalMemory(forceFullCollection: false);
        }

        public async Task DisposeAsync()
        {
            await _stopping.CancelAsync();
            await Task.WhenAll(_others);
            await _host!.DisposeAsync();
        }

        public void Dispose() => _stopping.Dispose();
    }
}
