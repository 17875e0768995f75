using System.Net;

namespace SoftSeg.Dicom.Network;

/// <summary>Counts what is open, in all and per calling address, against the limits.</summary>
sealed class Places(DicomLimits limits)
{
    readonly Lock _lock = new();
    readonly Dictionary<IPAddress, int> _ofAddress = [];
    int _connections;
    int _associations;

    public bool TryConnect()
    {
        lock (_lock)
        {
            if (_connections >= limits.MaxConnections)
                return false;
            _connections++;
            return true;
        }
    }

    public void Disconnect()
    {
        lock (_lock)
            _connections--;
    }

    /// <returns>Null where there is a place, taken now; otherwise the words for the log.</returns>
    public string? TryAssociate(EndPoint? remote)
    {
        var address = AddressOf(remote);
        lock (_lock)
        {
            if (_associations >= limits.MaxAssociations)
                return $"{_associations} associations are open (limit MaxAssociations)";
            int ofAddress = _ofAddress.GetValueOrDefault(address);
            if (ofAddress >= limits.MaxAssociationsPerAddress)
                return $"{ofAddress} associations are open from {address} (limit MaxAssociationsPerAddress)";
            _associations++;
            _ofAddress[address] = ofAddress + 1;
            return null;
        }
    }

    public void Dissociate(EndPoint? remote)
    {
        var address = AddressOf(remote);
        lock (_lock)
        {
            _associations--;
            if (--_ofAddress[address] == 0)
                _ofAddress.Remove(address);
        }
    }

    static IPAddress AddressOf(EndPoint? remote) => remote is IPEndPoint ip ? ip.Address.MapToIPv6() : IPAddress.None;
}
