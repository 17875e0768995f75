using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;
using SoftSeg.SegEngine.Phantoms;

namespace SoftSeg.SegEngine.Tests.Segmentation;

/// <summary>
/// A device whose memory runs out. No GPU is needed: ONNX Runtime's arena, which CUDA shares, is given so little that a batch does not fit, and fails as it does there.
/// </summary>
public sealed class OutOfMemoryTests(ShippedModel model) : IClassFixture<ShippedModel>
{
    const uint ArenaBytes = 24 << 20;

    [Fact]
    public void An_image_for_which_the_device_has_no_memory_is_computed_on_the_CPU_with_the_same_result_and_a_note()
    {
        var package = model.Package;
        var options = new EngineOptions { Provider = ExecutionProvider.Cpu };
        using var memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
        using var arena = new OrtArenaCfg(ArenaBytes, -1, -1, -1);
        OrtEnv.Instance().CreateAndRegisterAllocator(memory, arena);
        var cramped = NetworkPair.Load(package, options, [("cramped", session => session.AddSessionConfigEntry("session.use_env_allocators", "1"))], NullLogger.Instance);
        using var segmenter = SoftSegmenter.Load(package, options, cramped, NullLogger.Instance);
        using var onCpu = SoftSegmenter.Load(package, options);
        var image = SpinePhantom.Generate(new SpinePhantomOptions { Plane = PhantomPlane.Axial, SliceSpacing = 4, Width = 96, Depth = 96, Height = 64 }).Image;

        Assert.Equal("cramped", segmenter.Provider);
        for (var time = 0; time < 2; time++)
        {
            var result = segmenter.Segment(image);

            Assert.Equal(("cramped", "cpu"), (result.RanOutOfMemoryOn, result.Provider));
            Assert.Single(result.Notes, "The device (cramped) had no memory left for this image, so it was computed on the CPU.");
            Assert.True(result.CordFound);
            Assert.True(onCpu.Segment(image).SoftMask.Voxels.SequenceEqual(result.SoftMask.Voxels));
        }
    }
}
