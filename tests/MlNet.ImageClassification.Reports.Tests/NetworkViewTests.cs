namespace MlNet.ImageClassification.Reports.Tests;

/// <summary>What the network sees has the colors that the images had.</summary>
[TestClass]
public sealed class NetworkViewTests
{
    private static readonly ImageShape Shape = new(3, 2, 2);

    // Red, green, blue and a mix of them, pixel by pixel.
    private static readonly byte[] Colors = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 100, 200];

    [TestMethod]
    public void Bytes_come_back_through_the_normalization()
    {
        float[] planar = [.. Enumerable.Range(0, 12).Select(i => (float)Colors[i % 4 * 3 + i / 4])];

        var picture = NetworkView.Of([planar], new ImageLayout(Shape, Interleaved: false, IsBytes: true), ChannelNormalization.ImageNet).Single();

        CollectionAssert.AreEqual(Colors, picture.Rgb);
    }

    [TestMethod]
    public void Floats_are_stretched_over_all_the_images_together()
    {
        var layout = new ImageLayout(new ImageShape(1, 1, 2), Interleaved: true, IsBytes: false);

        var pictures = NetworkView.Of([[-2, 0], [3, 0.5f]], layout, ChannelNormalization.None);

        // -2 to 3 becomes 0 to 255: 0 is 102, 0.5 is 127.5; one channel is gray.
        CollectionAssert.AreEqual(new byte[] { 0, 0, 0, 102, 102, 102 }, pictures[0].Rgb);
        CollectionAssert.AreEqual(new byte[] { 255, 255, 255, 128, 128, 128 }, pictures[1].Rgb);
    }

    [TestMethod]
    public void An_augmentation_is_seen()
    {
        float[] interleaved = [.. Colors.Select(b => (float)b)];
        var layout = new ImageLayout(Shape, Interleaved: true, IsBytes: true);

        var picture = NetworkView.Of([interleaved], layout, ChannelNormalization.ImageNet, (pixels, preprocessing) => preprocessing.Apply(pixels.flip(3))).Single();

        CollectionAssert.AreEqual(new byte[] { 0, 255, 0, 255, 0, 0, 10, 100, 200, 0, 0, 255 }, picture.Rgb);
    }

    [TestMethod]
    public void A_grid_has_its_pictures_in_rows()
    {
        Picture[] pictures = [.. Enumerable.Range(1, 3).Select(i => new Picture(1, 1, [(byte)i, (byte)i, (byte)i]))];

        var grid = Picture.Grid(pictures, columns: 2);

        Assert.AreEqual((2, 2), (grid.Width, grid.Height));
        CollectionAssert.AreEqual(new byte[] { 1, 1, 1, 2, 2, 2, 3, 3, 3, 0, 0, 0 }, grid.Rgb);
    }
}
