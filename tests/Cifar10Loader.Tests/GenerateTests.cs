using System.Security.Cryptography;
using Microsoft.ML;

namespace Cifar10Loader.Tests;

[TestClass]
public sealed class GenerateTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Classes_are_equally_frequent_in_both_splits()
    {
        using var directory = new TempFolder();
        Cifar10.Generate(directory.Path, trainingImages: 200, testImages: 50);

        IDataView train = Cifar10.Load(_mlContext, directory.Path, Cifar10Split.Train);
        IDataView test = Cifar10.Load(_mlContext, directory.Path, Cifar10Split.Test);

        CollectionAssert.AreEqual(
            new[] { "disc", "ring", "square", "frame", "triangle", "cross", "stripes", "checkers", "crescent", "dots" },
            train.GetClassNames().ToArray());
        Assert.IsTrue(Rows.Keys(train).CountBy(key => key).All(count => count.Value == 20));
        Assert.IsTrue(Rows.Keys(test).CountBy(key => key).All(count => count.Value == 5));
        StringAssert.StartsWith(File.ReadAllText(directory.At("GENERATED.txt")), "Generated images, not CIFAR-10");
    }

    [TestMethod]
    public void Same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        using var directory = new TempFolder();
        Cifar10.Generate(directory.At("a"), 20, 10, seed: 3);
        Cifar10.Generate(directory.At("b"), 20, 10, seed: 3);
        Cifar10.Generate(directory.At("c"), 20, 10, seed: 4);

        foreach (string name in new[] { "data_batch_1.bin", "data_batch_5.bin", "test_batch.bin" })
        {
            CollectionAssert.AreEqual(File.ReadAllBytes(directory.At("a", name)), File.ReadAllBytes(directory.At("b", name)));
            CollectionAssert.AreNotEqual(File.ReadAllBytes(directory.At("a", name)), File.ReadAllBytes(directory.At("c", name)));
        }
    }

    [TestMethod]
    public void Bytes_of_a_seed_are_the_same_on_every_machine()
    {
        using var directory = new TempFolder();
        Cifar10.Generate(directory.Path, 5, 20, seed: 1);

        // Of the first version, x64. Another value means that published seeds lose their meaning.
        Assert.AreEqual("9865830d7dea889372bf577901c00f09e5153be7851b1c114eac2a1b279f860c", Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(directory.At("test_batch.bin")))));
    }

    [TestMethod]
    public void Test_images_do_not_depend_on_the_number_of_training_images()
    {
        using var directory = new TempFolder();
        Cifar10.Generate(directory.At("a"), 20, 10);
        Cifar10.Generate(directory.At("b"), 30, 10);
        CollectionAssert.AreEqual(
            File.ReadAllBytes(directory.At("a", "test_batch.bin")), File.ReadAllBytes(directory.At("b", "test_batch.bin")));
    }

    /// <summary>What a model that sees no shapes could use would show in the mean image of a class.</summary>
    [TestMethod]
    public void Mean_images_of_the_classes_are_alike()
    {
        const int perClass = 100;
        var images = new DrawnImages(seed: 1);
        var pixels = new byte[3072];
        for (int label = 0; label < 10; label++)
        {
            double sum = 0;
            for (int i = 0; i < perClass; i++)
            {
                images.Draw(label, pixels);
                sum += pixels.Sum(value => (double)value) / pixels.Length;
            }

            // Grounds and shapes are uniform from 20 to 235: mean 127.5, of 100 images within about 5.
            Assert.AreEqual(127.5, sum / perClass, 20.0, DrawnImages.ClassNames[label]);
        }
    }

    [TestMethod]
    public void Existing_batches_are_not_overwritten()
    {
        using var directory = new TempFolder();
        string path = directory.Write("data_batch_4.bin", "precious");
        var e = Assert.ThrowsExactly<IOException>(() => Cifar10.Generate(directory.Path, 10, 10));
        Assert.AreEqual($"'{path}' exists already. Delete it or choose another directory.", e.Message);
        Assert.AreEqual("precious", File.ReadAllText(path));
        Assert.AreEqual(1, Directory.GetFiles(directory.Path).Length);
    }

    [TestMethod]
    public void Canceled_drawing_leaves_no_file()
    {
        using var directory = new TempFolder();
        Assert.ThrowsExactly<OperationCanceledException>(
            () => Cifar10.Generate(directory.Path, 10, 10, cancellationToken: new CancellationToken(canceled: true)));
        Assert.AreEqual(0, Directory.GetFileSystemEntries(directory.Path).Length);
    }

    [TestMethod]
    public void Too_few_images_and_negative_seeds_are_refused()
    {
        using var directory = new TempFolder();
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Cifar10.Generate(directory.Path, trainingImages: 4));
        Assert.AreEqual("trainingImages", e.ParamName);
        e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Cifar10.Generate(directory.Path, testImages: 0));
        Assert.AreEqual("testImages", e.ParamName);
        e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Cifar10.Generate(directory.Path, seed: -1));
        Assert.AreEqual("seed", e.ParamName);
    }
}
