//! Accuracy of transcripts, codings and findings against gold answers.
