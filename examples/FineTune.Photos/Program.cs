using CifarExamples;
using FineTunePhotos;

var options = new PhotoOptions();
return await ExampleProgram.RunAsync(options.Command, args, (arguments, cancellation) => new TrainingJob(options.Read(arguments)).Run(cancellation));
