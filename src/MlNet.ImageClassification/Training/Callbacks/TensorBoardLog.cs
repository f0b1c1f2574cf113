using Google.Protobuf;
using Tensorboard;

namespace MlNet.ImageClassification;

/// <summary>Tells each epoch to TensorBoard, and shows it some training images as the network sees them.</summary>
/// <param name="file">Where the events go; it stays the caller's.</param>
/// <param name="samples">Training images after their augmentation; called once, before the first epoch; null for none.</param>
internal sealed class TensorBoardLog(EventFile file, Func<Picture>? samples) : ITrainingCallback
{
    private bool _isStarted;
    private bool _hasFailed;

    public void OnEpochStart(TrainingContext context, int epoch)
    {
        if (_isStarted)
            return;
        _isStarted = true;
        Try(context, () =>
        {
            // TensorBoard then forgets what a killed training has logged beyond the checkpoint.
            file.Write(new Event { Step = epoch, SessionLog = new SessionLog { Status = SessionLog.Types.SessionStatus.Start } });
            if (samples?.Invoke() is not { } picture)
                return;
            var image = new Summary.Types.Image
            {
                Width = picture.Width,
                Height = picture.Height,
                Colorspace = 3,
                EncodedImageString = ByteString.CopyFrom(picture.EncodePng()),
            };
            file.Write(new Event { Step = epoch, Summary = new Summary { Value = { new Summary.Types.Value { Tag = "samples", Image = image } } } });
        });
    }

    public void OnEpochEnd(TrainingContext context)
    {
        var epoch = context.Epochs[^1];
        var summary = new Summary();
        Add("loss/train", epoch.Loss);
        Add("loss/validation", epoch.ValidationLoss);
        Add("accuracy/train", epoch.Accuracy);
        Add("accuracy/validation", epoch.ValidationAccuracy);
        Add("learning_rate", epoch.LearningRate);
        Add("images_per_second", epoch.ImagesPerSecond);
        Try(context, () => file.Write(new Event { Step = epoch.Epoch, Summary = summary }));

        void Add(string tag, double? value)
        {
            if (value is double number)
                summary.Value.Add(new Summary.Types.Value { Tag = tag, SimpleValue = (float)number });
        }
    }

    // A full disk may not cost the hours that the training took; what follows half a record could not be read.
    private void Try(TrainingContext context, Action write)
    {
        if (_hasFailed)
            return;
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _hasFailed = true;
            context.Log.Warning(
                $"'{file.Path}' cannot be written any more: {e.Message.TrimEnd('.')}. Training goes on without telling TensorBoard.");
        }
    }
}
