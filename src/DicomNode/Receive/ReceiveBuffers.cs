using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace SoftSeg.DicomNode.Receive;

/// <summary>
/// The memory that connections read into. The server's own blocks are 4 KiB, and each is a system call and a wake-up of its reader: 34 of either for an MR image
/// of 137 KB. These hold what a socket has waiting at once.
/// </summary>
public sealed class ReceiveBuffers : IMemoryPoolFactory<byte>
{
    const int BlockSize = 64 * 1024;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    sealed class Pool : MemoryPool<byte>
    {
        public override int MaxBufferSize => Shared.MaxBufferSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, BlockSize));

        protected override void Dispose(bool disposing) { }
    }
}
