namespace SoftSeg.SegEngine.Tests.Segmentation;

public sealed class ConnectedCordTests
{
    [Fact]
    public void A_cord_broken_in_two_places_is_kept_whole_whatever_the_sizes_of_its_pieces()
    {
        // From the head: the main piece, a short one between two voids, and a longer one beyond, too far from the main piece alone.
        (int First, int Last)[] pieces = [(37, 79), (26, 33), (5, 20)];
        var share = new Volume(new float[80 * 20 * 20], 80, 20, 20, Phantom.Spaced(2, 0.6, 0.6));
        var image = share.With([.. Enumerable.Repeat(100f, share.Voxels.Length)]);
        foreach (var (first, last) in pieces)
        {
            for (var slice = first; slice <= last; slice++)
            {
                for (var row = 6; row < 14; row++)
                    share.Slice(slice).Slice((row * 20) + 6, 8).Fill(0.95f);
            }
        }
        // And something long beside it, which is no part of it.
        for (var slice = 8; slice <= 18; slice++)
            share[slice, 1, 1] = 0.9f;

        var (_, length, _, _) = ConnectedCord.Keep(share, image, 2);

        Assert.Equal(2 * pieces.Sum(piece => piece.Last - piece.First + 1), length, 1e-9);
        Assert.Equal(0, share[10, 1, 1]);
    }

    [Fact]
    public void What_lies_on_the_way_is_the_cord_not_what_is_larger_beside_it()
    {
        var share = new Volume(new float[40 * 60 * 60], 40, 60, 60, Phantom.Spaced(2, 0.6, 0.6));
        var image = share.With([.. Enumerable.Repeat(100f, share.Voxels.Length)]);
        for (var slice = 0; slice < 40; slice++)
        {
            for (var row = 24; row < 36; row++)
            {
                // 30 mm2 on the way, 100 mm2 some 20 mm to the side.
                share.Slice(slice).Slice((row * 60) + 8, 7).Fill(0.95f);
                share.Slice(slice).Slice((row * 60) + 35, 23).Fill(0.95f);
            }
        }
        var (volume, _, _, _) = ConnectedCord.Keep(share, image, 2, _ => (30, 11));
        Assert.Equal(40 * 12 * 7 * 0.95 * 0.72, volume, 0.1);
        Assert.Equal(0, share[20, 30, 45]);
        Assert.Equal(0.95f, share[20, 30, 11]);
    }
}
