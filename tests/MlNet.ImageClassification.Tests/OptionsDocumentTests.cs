namespace MlNet.ImageClassification.Tests;

/// <summary>docs/options.md says what the code does.</summary>
[TestClass]
public sealed class OptionsDocumentTests
{
    [TestMethod]
    public void The_table_of_options_agrees_with_the_code()
    {
        OptionTable.AssertAgrees(nameof(ImageClassificationOptions), new ImageClassificationOptions(), false, options => options.Validate());
        OptionTable.AssertAgrees(nameof(TrainingRecipe), new TrainingRecipe(), false, recipe => recipe.Validate());
        OptionTable.AssertAgrees(nameof(SgdOptimizer), new SgdOptimizer(), false, optimizer => optimizer.Validate());
        OptionTable.AssertAgrees(nameof(AdamOptimizer), new AdamOptimizer(), false, optimizer => optimizer.Validate());
        OptionTable.AssertAgrees(nameof(AdamWOptimizer), new AdamWOptimizer(), false, optimizer => optimizer.Validate());
        OptionTable.AssertAgrees(nameof(NAdamOptimizer), new NAdamOptimizer(), false, optimizer => optimizer.Validate());
        OptionTable.AssertAgrees(nameof(RAdamOptimizer), new RAdamOptimizer(), false, optimizer => optimizer.Validate());
        OptionTable.AssertAgrees(nameof(RmsPropOptimizer), new RmsPropOptimizer(), false, optimizer => optimizer.Validate());
        OptionTable.AssertAgrees(nameof(AdagradOptimizer), new AdagradOptimizer(), false, optimizer => optimizer.Validate());
        OptionTable.AssertAgrees(nameof(LearningRateSearch), new LearningRateSearch(), false, search => search.Validate());
        OptionTable.AssertAgrees(nameof(AugmentationOptions), new AugmentationOptions(), false, augmentation => augmentation.Validate());
        OptionTable.AssertAgrees(nameof(EarlyStopping), new EarlyStopping(), false, criteria => criteria.Validate());
        OptionTable.AssertAgrees(nameof(FeaturizeImagesOptions), new FeaturizeImagesOptions(), false, options => options.Validate());
        OptionTable.AssertAgrees(nameof(GradCamOptions), new GradCamOptions(), false, options => options.Validate());
    }
}
