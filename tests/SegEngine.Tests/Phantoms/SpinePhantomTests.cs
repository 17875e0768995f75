using SoftSeg.SegEngine.Phantoms;

namespace SoftSeg.SegEngine.Tests.Phantoms;

public sealed class SpinePhantomTests
{
    static readonly SpinePhantomOptions Small = new() { Width = 30, Depth = 60, Height = 40 };

    [Fact]
    public void The_same_options_give_the_same_voxels()
    {
        var (a, b) = (SpinePhantom.Generate(Small), SpinePhantom.Generate(Small));
        Assert.Equal(a.Image.Voxels, b.Image.Voxels);
        Assert.NotEqual(a.Image.Voxels, SpinePhantom.Generate(Small with { Seed = 2 }).Image.Voxels);
    }

    [Theory]
    [InlineData(PhantomPlane.Sagittal, 1, 1, 0)]
    [InlineData(PhantomPlane.Sagittal, 3, 0.6, 0)]
    [InlineData(PhantomPlane.Axial, 4, 0.5, 0)]
    [InlineData(PhantomPlane.Coronal, 2, 1, 0)]
    [InlineData(PhantomPlane.Axial, 2, 0.8, 20)]
    public void The_share_has_the_cord_s_volume_on_every_grid(PhantomPlane plane, double slice, double pixel, double tilt)
    {
        var reference = Volume(SpinePhantom.Generate(Small with { SliceSpacing = 0.5, PixelSpacing = 0.5 }).Share) / 40;
        var phantom = SpinePhantom.Generate(Small with { Plane = plane, SliceSpacing = slice, PixelSpacing = pixel, TiltDegrees = tilt, Height = 48 });
        // Per mm of cord; a tilted field of view cuts the cord's ends at an angle, so it holds 48 / cos(tilt) mm of it.
        var height = tilt == 0 ? 48 : 48 / Math.Cos(tilt * Math.PI / 180);
        Assert.InRange(Volume(phantom.Share) / height / reference, 0.95, 1.05);

        static double Volume(Volume share) => share.Voxels.Sum(v => (double)v) * share.Affine.VoxelVolume;
    }

    [Fact]
    public void Without_a_cord_there_is_no_share()
    {
        var phantom = SpinePhantom.Generate(Small with { HasCord = false });
        Assert.All(phantom.Share.Voxels, share => Assert.Equal(0, share));
        Assert.True(phantom.Image.Voxels.Max() > 300);
    }
}
